#include "primitives/quantized_matmul.h"

#include "mlx/ops.h"
#include "mlx/ops/quantized.h"
#include "primitives/formula.h"
#include "primitives/mapped_axis.h"
#include "primitives/quantized.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;

/// How many inputs make up the quantized matrix.
size_t matrix_parts(const Quantization& format) { return format.is_affine() ? 3 : 2; }

array dequantized(const Arrays& inputs, const Quantization& format, const Stream& s) {
  Arrays parts(inputs.begin() + 1, inputs.begin() + 1 + matrix_parts(format));
  const Dtype dtype = inputs[0].dtype();
  return Dequantize::make(parts, format, dtype, s);
}

array as_right_operand(const array& w, bool transpose, const Stream& s) {
  return transpose ? swapaxes(w, -1, -2, s) : w;
}

/// The product in other operations: for derivatives by scales and biases.
VectorFunction product_formula(const Quantization& format, bool transpose, const Stream& stream) {
  return [format, transpose, s = stream](const Arrays& inputs) -> Arrays {
    array w = dequantized(inputs, format, s);
    return {matmul(inputs[0], as_right_operand(w, transpose, s), s)};
  };
}

/// The matrices of a batch as one axis.
array flat_batch(const array& a, const Stream& s) { return flatten(a, 0, -3, s); }

VectorFunction gather_formula(const Quantization& format, bool transpose, const Stream& stream) {
  return [format, transpose, s = stream](const Arrays& inputs) -> Arrays {
    const size_t first_index = 1 + matrix_parts(format);
    array w = flat_batch(dequantized(inputs, format, s), s), x = flat_batch(inputs[0], s);
    array left = take(x, inputs[first_index], 0, s);
    array right = take(w, inputs[first_index + 1], 0, s);
    return {matmul(left, as_right_operand(right, transpose, s), s)};
  };
}

/// Throws for a derivative of gather_qmm with respect to indices and codes.
void require_matrix_number(const Quantization& format, int argnum) {
  if (argnum > int(matrix_parts(format))) refuse_derivative("gather_qmm", "indices");
  require_number("gather_qmm", format, argnum - 1);
}

/// Tangents of a product that is linear in x, by the product itself, and otherwise by its formula.
template <typename Product>
Arrays product_jvp(const VectorFunction& formula, Product&& product, const Arrays& primals,
                   const Arrays& tangents, const std::vector<int>& argnums) {
  if (argnums != std::vector<int>{0}) return formula_jvp(formula, primals, tangents, argnums);
  Arrays inputs = primals;
  inputs[0] = tangents[0];
  return {product(inputs)};
}

}  // namespace

// ---- QuantizedMatmul

Arrays QuantizedMatmul::jvp(const Arrays& primals, const Arrays& tangents,
                            const std::vector<int>& argnums) {
  auto product = [&](const Arrays& inputs) { return make(inputs, format_, transpose_, stream()); };
  for (int argnum : argnums) require_number("quantized_matmul", format_, argnum - 1);
  return product_jvp(product_formula(format_, transpose_, stream()), product, primals, tangents,
                     argnums);
}

Arrays QuantizedMatmul::vjp(const Arrays& primals, const Arrays& cotangents,
                            const std::vector<int>& argnums, const Arrays&) {
  Arrays results;
  for (int argnum : argnums) {
    if (argnum == 0) {
      Arrays inputs = primals;
      inputs[0] = cotangents[0];
      results.push_back(make(inputs, format_, !transpose_, stream()));
    } else {
      require_number("quantized_matmul", format_, argnum - 1);
      results.push_back(formula_vjp(product_formula(format_, transpose_, stream()), primals,
                                    cotangents, {argnum})[0]);
    }
  }
  return results;
}

std::pair<Arrays, std::vector<int>> QuantizedMatmul::vmap(const Arrays& inputs,
                                                          const std::vector<int>& axes) {
  const int size = mapped_axis_size(inputs, axes);
  Arrays moved;
  for (size_t i = 0; i < inputs.size(); ++i)
    moved.push_back(with_mapped_axis_first(inputs[i], axes[i], size, stream()));
  return {{make(moved, format_, transpose_, stream())}, {0}};
}

std::vector<Shape> QuantizedMatmul::output_shapes(const Arrays& inputs) {
  Shape shape = inputs[0].shape();
  shape.back() = transpose_ ? inputs[2].shape(-2) : inputs[2].shape(-1) * format_.group_size;
  return {shape};
}

array QuantizedMatmul::make(const Arrays& inputs, const Quantization& format, bool transpose,
                            const Stream& stream) {
  auto node = std::make_shared<QuantizedMatmul>(stream, format.mode, format.group_size, format.bits,
                                                transpose);
  Shape shape = node->output_shapes(inputs)[0];
  return array(std::move(shape), inputs[0].dtype(), std::move(node), inputs);
}

// ---- GatherQMM

Arrays GatherQMM::jvp(const Arrays& primals, const Arrays& tangents,
                      const std::vector<int>& argnums) {
  auto product = [&](const Arrays& inputs) { return make(inputs, format_, transpose_, stream()); };
  for (int argnum : argnums) require_matrix_number(format_, argnum);
  return product_jvp(gather_formula(format_, transpose_, stream()), product, primals, tangents,
                     argnums);
}

Arrays GatherQMM::vjp(const Arrays& primals, const Arrays& cotangents,
                      const std::vector<int>& argnums, const Arrays&) {
  const Stream& s = stream();
  const size_t first_index = 1 + matrix_parts(format_);
  const array& lhs = primals[first_index];
  Arrays results;
  for (int argnum : argnums) {
    require_matrix_number(format_, argnum);
    if (argnum > 0) {
      results.push_back(
          formula_vjp(gather_formula(format_, transpose_, s), primals, cotangents, {argnum})[0]);
    } else {
      // Each product's gradient goes to the matrix it came from.
      Arrays inputs = primals;
      inputs[0] = flat_batch(cotangents[0], s);
      inputs[first_index] = reshape(arange(0, int(lhs.size()), s), lhs.shape(), s);
      array parts = make(inputs, format_, !transpose_, s);
      array total = zeros_like(flat_batch(primals[0], s), s);
      array updates = expand_dims(flat_batch(parts, s), 1, s);
      total = scatter_add(total, flatten(lhs, s), updates, 0, s);
      results.push_back(reshape(total, primals[0].shape(), s));
    }
  }
  return results;
}

std::pair<Arrays, std::vector<int>> GatherQMM::vmap(const Arrays& inputs,
                                                    const std::vector<int>& axes) {
  const Stream& s = stream();
  const int size = mapped_axis_size(inputs, axes);
  const size_t first_index = 1 + matrix_parts(format_);
  bool w_is_mapped = false;
  for (size_t i = 1; i < first_index; ++i) w_is_mapped |= axes[i] >= 0;
  Arrays moved;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool is_index = i >= first_index;
    const bool shared = !is_index && !(i == 0 ? axes[0] >= 0 : w_is_mapped);
    moved.push_back(shared ? inputs[i] : with_mapped_axis_first(inputs[i], axes[i], size, s));
  }
  // A slice's matrices follow those of the slices before it.
  auto shift = [&](array& indices, const array& matrices) {
    int count = 1;
    for (size_t axis = 1; axis + 2 < matrices.ndim(); ++axis) count *= matrices.shape(int(axis));
    Shape beside(indices.ndim(), 1);
    beside[0] = size;
    array begins = reshape(multiply(arange(0, size, s), array(count), s), beside, s);
    array low = less(indices, array(0), s);
    array inside = add(where(low, add(indices, array(count), s), indices, s), begins, s);
    // Indices out of bounds stay so, and don't reach another slice.
    array valid =
        logical_and(greater_equal(indices, array(-count), s), less(indices, array(count), s), s);
    indices = where(valid, inside, array(size * count), s);
  };
  if (axes[0] >= 0) shift(moved[first_index], moved[0]);
  if (w_is_mapped) shift(moved[first_index + 1], moved[1]);
  return {{make(moved, format_, transpose_, s)}, {0}};
}

std::vector<Shape> GatherQMM::output_shapes(const Arrays& inputs) {
  Shape shape = inputs.back().shape();
  shape.push_back(inputs[0].shape(-2));
  shape.push_back(transpose_ ? inputs[2].shape(-2) : inputs[2].shape(-1) * format_.group_size);
  return {shape};
}

array GatherQMM::make(const Arrays& inputs, const Quantization& format, bool transpose,
                      const Stream& stream) {
  auto node =
      std::make_shared<GatherQMM>(stream, format.mode, format.group_size, format.bits, transpose);
  Shape shape = node->output_shapes(inputs)[0];
  return array(std::move(shape), inputs[0].dtype(), std::move(node), inputs);
}

}  // namespace mlx::core
