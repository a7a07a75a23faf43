#include "primitives/normalization.h"

#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "primitives/formula.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;

Dtype computed_in(Dtype dtype) { return dtype == float64 ? float64 : float32; }

/// The normalization in other operations, for derivatives that have no kernel.
VectorFunction formula(NormalizationKind kind, float eps, Stream s) {
  return [kind, eps, s](const Arrays& inputs) -> Arrays {
    Dtype dtype = inputs[0].dtype(), wide = computed_in(dtype);
    array x = astype(inputs[0], wide, s);
    if (kind == NormalizationKind::layer) x = subtract(x, mean(x, -1, true, s), s);
    array size = rsqrt(add(mean(square(x, s), -1, true, s), array(eps, wide), s), s);
    array y = multiply(multiply(x, size, s), astype(inputs[1], wide, s), s);
    if (kind == NormalizationKind::layer) y = add(y, astype(inputs[2], wide, s), s);
    return {astype(y, dtype, s)};
  };
}

/// The gradients in other operations: of rows, weight, and for layer norm the bias.
VectorFunction gradient_formula(NormalizationKind kind, float eps, Stream s) {
  return [kind, eps, s](const Arrays& inputs) -> Arrays {
    Arrays primals{inputs[0], inputs[1]};
    if (kind == NormalizationKind::layer) primals.push_back(zeros_like(inputs[1], s));
    return vjp(formula(kind, eps, s), primals, {inputs[2]}).second;
  };
}

/// A mapped vector for each row, with axes of size one before its own.
array vector_beside_rows(const array& vector, int axis, size_t ndim, const Stream& s) {
  if (axis < 0) return vector;
  array first = mapped_axis_first(vector, axis, s);
  Shape shape(ndim, 1);
  shape.front() = first.shape(0);
  shape.back() = first.shape(1);
  return reshape(first, shape, s);
}

}  // namespace

Arrays Normalization::jvp(const Arrays& primals, const Arrays& tangents,
                          const std::vector<int>& argnums) {
  return formula_jvp(formula(kind_, eps_, stream()), primals, tangents, argnums);
}

Arrays Normalization::vjp(const Arrays& primals, const Arrays& cotangents,
                          const std::vector<int>& argnums, const Arrays&) {
  auto node = std::make_shared<NormalizationGradient>(stream(), kind_, eps_);
  Arrays inputs{primals[0], primals[1], cotangents[0]};
  auto shapes = node->output_shapes(inputs);
  std::vector<Dtype> dtypes(shapes.size(), primals[0].dtype());
  Arrays gradients = array::make_arrays(std::move(shapes), dtypes, node, inputs), results;
  for (int argnum : argnums) results.push_back(gradients[argnum]);
  return results;
}

std::pair<Arrays, std::vector<int>> Normalization::vmap(const Arrays& inputs,
                                                        const std::vector<int>& axes) {
  array x = mapped_axis_first(inputs[0], axes[0], stream());
  bool mapped_vectors = axes[1] >= 0 || (kind_ == NormalizationKind::layer && axes[2] >= 0);
  auto normalized = [&](const Arrays& operands) {
    auto node = std::make_shared<Normalization>(stream(), kind_, eps_);
    return array(operands[0].shape(), operands[0].dtype(), std::move(node), operands);
  };
  if (!mapped_vectors) {
    Arrays operands = inputs;
    operands[0] = x;
    return {{normalized(operands)}, {0}};
  }
  // Vectors of their own for each row are applied afterwards, in the precision of the kernel.
  const Stream& s = stream();
  Dtype dtype = x.dtype(), wide = computed_in(dtype);
  size_t ndim = inputs[0].ndim() + (axes[0] < 0);
  Shape columns{x.shape(-1)};
  Arrays operands{astype(x, wide, s), ones(columns, wide, s)};
  if (kind_ == NormalizationKind::layer) operands.push_back(zeros(columns, wide, s));
  array y = multiply(normalized(operands),
                     astype(vector_beside_rows(inputs[1], axes[1], ndim, s), wide, s), s);
  if (kind_ == NormalizationKind::layer)
    y = add(y, astype(vector_beside_rows(inputs[2], axes[2], ndim, s), wide, s), s);
  return {{astype(y, dtype, s)}, {0}};
}

Arrays NormalizationGradient::jvp(const Arrays& primals, const Arrays& tangents,
                                  const std::vector<int>& argnums) {
  return formula_jvp(gradient_formula(kind_, eps_, stream()), primals, tangents, argnums);
}

Arrays NormalizationGradient::vjp(const Arrays& primals, const Arrays& cotangents,
                                  const std::vector<int>& argnums, const Arrays&) {
  return formula_vjp(gradient_formula(kind_, eps_, stream()), primals, cotangents, argnums);
}

std::pair<Arrays, std::vector<int>> NormalizationGradient::vmap(const Arrays& inputs,
                                                                const std::vector<int>& axes) {
  // The weight's gradient sums over the rows of each mapped slice by itself.
  auto function = gradient_formula(kind_, eps_, stream());
  std::vector<int> out_axes(output_shapes(inputs).size(), 0);
  return {mlx::core::vmap(function, axes, out_axes)(inputs), out_axes};
}

std::vector<Shape> NormalizationGradient::output_shapes(const Arrays& inputs) {
  std::vector<Shape> shapes{inputs[0].shape(), inputs[1].shape()};
  if (kind_ == NormalizationKind::layer) shapes.push_back(inputs[1].shape());
  return shapes;
}

}  // namespace mlx::core
