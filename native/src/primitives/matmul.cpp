#include "primitives/matmul.h"

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {
namespace {

/// The transposed matrices, as a view, conjugated when complex.
array adjoint(const array& a, const Stream& s) { return conjugate(swapaxes(a, -1, -2, s), s); }

}  // namespace

std::vector<array> Matmul::jvp(const std::vector<array>& primals,
                               const std::vector<array>& tangents,
                               const std::vector<int>& argnums) {
  auto part = [&](size_t i) {
    return argnums[i] == 0 ? matmul(tangents[i], primals[1], stream())
                           : matmul(primals[0], tangents[i], stream());
  };
  array total = part(0);
  return {argnums.size() > 1 ? add(total, part(1), stream()) : total};
}

std::vector<array> Matmul::vjp(const std::vector<array>& primals,
                               const std::vector<array>& cotangents,
                               const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums) {
    results.push_back(argnum == 0 ? matmul(cotangents[0], adjoint(primals[1], stream()), stream())
                                  : matmul(adjoint(primals[0], stream()), cotangents[0], stream()));
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> Matmul::vmap(const std::vector<array>& inputs,
                                                             const std::vector<int>& axes) {
  // The operation broadcasts a side that isn't mapped, and folds a mapped left side into the rows
  // of one product when the right side is a single matrix.
  array a = mapped_axis_first(inputs[0], axes[0], stream());
  array b = mapped_axis_first(inputs[1], axes[1], stream());
  return {{matmul(a, b, stream())}, {0}};
}

std::vector<Shape> Matmul::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  shape.back() = inputs[1].shape(-1);
  return {shape};
}

}  // namespace mlx::core
