#include "primitives/matmul.h"

#include "mlx/ops.h"
#include "primitives/graph.h"
#include "primitives/mapped_axis.h"
#include "primitives/shape.h"

namespace mlx::core {
namespace {

array matrix_transpose(const array& a, const Stream& s) { return swapaxes(a, -1, -2, s); }

bool swaps_last_two(const Transpose& transpose) {
  const auto& [axes] = transpose.parameters();
  const size_t last = axes.size() - 1;
  for (size_t i = 0; i + 1 < last; ++i)
    if (axes[i] != int(i)) return false;
  return last > 0 && axes[last] == int(last) - 1;
}

/// Whether matrices will lie column by column, as far as that is known before they are computed.
bool is_column_major(array a) {
  for (bool turned = false;; a = array(a.inputs()[0])) {
    if (a.status() == array::available) return turned != (a.strides(-2) == 1 && a.strides(-1) > 1);
    if (a.status() != array::unscheduled || !a.has_primitive()) return turned;
    if (auto transpose = dynamic_cast<const Transpose*>(&a.primitive())) {
      if (!swaps_last_two(*transpose)) return turned;
      turned = !turned;
    } else if (!dynamic_cast<const Copy*>(&a.primitive())) {
      return turned;
    }
  }
}

/// The gradient of a product for one of its two factors, in the layout of that factor: a transposed
/// view such as a linear layer's gets the view of a gradient that lies like the weights.
array operand_gradient(int argnum, const std::vector<array>& factors, const array& cotangent,
                       const Stream& s) {
  const array other = conjugate(factors[size_t(1 - argnum)], s);
  if (is_column_major(factors[size_t(argnum)])) {
    const array turned = matrix_transpose(cotangent, s);
    return matrix_transpose(argnum == 0 ? matmul(other, turned, s) : matmul(turned, other, s), s);
  }
  return argnum == 0 ? matmul(cotangent, matrix_transpose(other, s), s)
                     : matmul(matrix_transpose(other, s), cotangent, s);
}

array scaled(const array& a, float factor, const Stream& s) {
  return factor == 1 ? a : multiply(array(factor, a.dtype()), a, s);
}

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
  for (int argnum : argnums)
    results.push_back(operand_gradient(argnum, primals, cotangents[0], stream()));
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

// ---- AddMM

std::vector<array> AddMM::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                              const std::vector<int>& argnums) {
  auto part = [&](size_t i) {
    if (argnums[i] == 2) return scaled(tangents[i], beta_, stream());
    array product = argnums[i] == 0 ? matmul(tangents[i], primals[1], stream())
                                    : matmul(primals[0], tangents[i], stream());
    return scaled(product, alpha_, stream());
  };
  array total = part(0);
  for (size_t i = 1; i < argnums.size(); ++i) total = add(total, part(i), stream());
  return {total};
}

std::vector<array> AddMM::vjp(const std::vector<array>& primals,
                              const std::vector<array>& cotangents, const std::vector<int>& argnums,
                              const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums)
    results.push_back(
        argnum == 2
            ? scaled(cotangents[0], beta_, stream())
            : scaled(operand_gradient(argnum, primals, cotangents[0], stream()), alpha_, stream()));
  return results;
}

std::pair<std::vector<array>, std::vector<int>> AddMM::vmap(const std::vector<array>& inputs,
                                                            const std::vector<int>& axes) {
  std::vector<array> moved;
  for (size_t i = 0; i < inputs.size(); ++i)
    moved.push_back(mapped_axis_first(inputs[i], axes[i], stream()));
  if (axes[0] < 0 && axes[1] < 0) {
    // The product has no mapped axis but the sum needs one.
    int size = mapped_axis_size(inputs, axes);
    moved[0] = with_mapped_axis_first(inputs[0], -1, size, stream());
  }
  return {{addmm(moved[2], moved[0], moved[1], alpha_, beta_, stream())}, {0}};
}

}  // namespace mlx::core
