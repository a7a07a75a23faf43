#include "primitives/quantized.h"

#include "mlx/ops.h"
#include "mlx/ops/quantized.h"
#include "primitives/mapped_axis.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;

/// A shape with another last axis.
Shape with_columns(const array& a, int columns) {
  Shape shape = a.shape();
  shape.back() = columns;
  return shape;
}

}  // namespace

void require_number(const char* op, const Quantization& format, int part) {
  if (part == 0) refuse_derivative(op, "codes");
  if (part == 1 && !format.is_affine()) refuse_derivative(op, "scales that are codes");
}

// ---- Quantize

std::pair<Arrays, std::vector<int>> Quantize::vmap(const Arrays& inputs,
                                                   const std::vector<int>& axes) {
  const Stream& s = stream();
  const std::vector<int> out_axes(output_shapes(inputs).size(), 0);
  if (inputs.size() == 1 || axes[1] < 0) {
    Arrays moved = inputs;
    moved[0] = mapped_axis_first(inputs[0], axes[0], s);
    return {make(moved, format_, s), out_axes};
  }
  // A scale of its own for each slice.
  const int size = mapped_axis_size(inputs, axes);
  array w = with_mapped_axis_first(inputs[0], axes[0], size, s);
  std::vector<Arrays> parts(out_axes.size());
  for (int i = 0; i < size; ++i) {
    auto slice = make({take(w, i, 0, s), take(inputs[1], i, axes[1], s)}, format_, s);
    for (size_t k = 0; k < parts.size(); ++k) parts[k].push_back(slice[k]);
  }
  if (size == 0) return {make({w, array(1.0f)}, format_, s), out_axes};
  Arrays results;
  for (auto& part : parts) results.push_back(stack(part, 0, s));
  return {results, out_axes};
}

std::vector<Shape> Quantize::output_shapes(const Arrays& inputs) {
  const int columns = inputs[0].shape(-1);
  Shape codes = with_columns(inputs[0], int(int64_t(columns) * format_.bits / 32));
  Shape groups = with_columns(inputs[0], columns / format_.group_size);
  if (!format_.is_affine()) return {codes, groups};
  return {codes, groups, groups};
}

Arrays Quantize::make(const Arrays& inputs, const Quantization& format, const Stream& stream) {
  auto node = std::make_shared<Quantize>(stream, format.mode, format.group_size, format.bits);
  std::vector<Dtype> dtypes{uint32};
  if (format.is_affine())
    dtypes.insert(dtypes.end(), 2, inputs[0].dtype());
  else
    dtypes.push_back(uint8);
  auto shapes = node->output_shapes(inputs);
  return array::make_arrays(std::move(shapes), dtypes, node, inputs);
}

// ---- Dequantize: scale * code + bias is linear in scale and bias; those of the other modes are
// codes themselves.

Arrays Dequantize::jvp(const Arrays& primals, const Arrays& tangents,
                       const std::vector<int>& argnums) {
  const Stream& s = stream();
  for (int argnum : argnums) require_number("dequantize", format_, argnum);
  return {make({primals[0], tangent_of(1, primals, tangents, argnums, s),
                tangent_of(2, primals, tangents, argnums, s)},
               format_, dtype_, s)};
}

Arrays Dequantize::vjp(const Arrays& primals, const Arrays& cotangents,
                       const std::vector<int>& argnums, const Arrays&) {
  const Stream& s = stream();
  array cotangent = unflatten(cotangents[0], -1, {primals[1].shape(-1), format_.group_size}, s);
  Arrays results;
  for (int argnum : argnums) {
    require_number("dequantize", format_, argnum);
    array product = cotangent;
    if (argnum == 1) {
      array codes = make({primals[0], ones_like(primals[1], s), zeros_like(primals[2], s)}, format_,
                         dtype_, s);
      product = multiply(product, reshape(codes, cotangent.shape(), s), s);
    }
    results.push_back(astype(sum(product, -1, false, s), primals[argnum].dtype(), s));
  }
  return results;
}

std::pair<Arrays, std::vector<int>> Dequantize::vmap(const Arrays& inputs,
                                                     const std::vector<int>& axes) {
  const int size = mapped_axis_size(inputs, axes);
  Arrays moved;
  for (size_t i = 0; i < inputs.size(); ++i)
    moved.push_back(with_mapped_axis_first(inputs[i], axes[i], size, stream()));
  return {{make(moved, format_, dtype_, stream())}, {0}};
}

std::vector<Shape> Dequantize::output_shapes(const Arrays& inputs) {
  return {with_columns(inputs[1], inputs[1].shape(-1) * format_.group_size)};
}

array Dequantize::make(const Arrays& inputs, const Quantization& format, Dtype dtype,
                       const Stream& stream) {
  auto node =
      std::make_shared<Dequantize>(stream, format.mode, format.group_size, format.bits, dtype);
  Shape shape = node->output_shapes(inputs)[0];
  return array(std::move(shape), dtype, std::move(node), inputs);
}

// ---- QuantizedRounding

Arrays QuantizedRounding::jvp(const Arrays& primals, const Arrays& tangents,
                              const std::vector<int>& argnums) {
  return {tangent_of(0, primals, tangents, argnums, stream())};
}

Arrays QuantizedRounding::vjp(const Arrays& primals, const Arrays& cotangents,
                              const std::vector<int>& argnums, const Arrays&) {
  Arrays results;
  for (int argnum : argnums)
    results.push_back(argnum == 0 ? cotangents[0] : zeros_like(primals[argnum], stream()));
  return results;
}

std::pair<Arrays, std::vector<int>> QuantizedRounding::vmap(const Arrays& inputs,
                                                            const std::vector<int>& axes) {
  const Stream& s = stream();
  auto rounded = [&](const Arrays& operands) {
    auto node =
        std::make_shared<QuantizedRounding>(s, format_.mode, format_.group_size, format_.bits);
    return array(operands[0].shape(), operands[0].dtype(), std::move(node), operands);
  };
  Arrays moved = inputs;
  if (inputs.size() == 1 || axes[1] < 0) {
    moved[0] = mapped_axis_first(inputs[0], axes[0], s);
    return {{rounded(moved)}, {0}};
  }
  const int size = mapped_axis_size(inputs, axes);
  array x = with_mapped_axis_first(inputs[0], axes[0], size, s);
  Arrays parts;
  for (int i = 0; i < size; ++i)
    parts.push_back(rounded({take(x, i, 0, s), take(inputs[1], i, axes[1], s)}));
  if (parts.empty()) return {{x}, {0}};
  return {{stack(parts, 0, s)}, {0}};
}

// ---- ConvertFP8: codes are integers.

Arrays ConvertFP8::jvp(const Arrays& primals, const Arrays&, const std::vector<int>&) {
  if (primals[0].dtype() == uint8) refuse_derivative("from_fp8", "codes");
  return {zeros(primals[0].shape(), dtype_, stream())};
}

Arrays ConvertFP8::vjp(const Arrays& primals, const Arrays&, const std::vector<int>&,
                       const Arrays&) {
  if (primals[0].dtype() == uint8) refuse_derivative("from_fp8", "codes");
  return {zeros_like(primals[0], stream())};
}

std::pair<Arrays, std::vector<int>> ConvertFP8::vmap(const Arrays& inputs,
                                                     const std::vector<int>& axes) {
  auto node = std::make_shared<ConvertFP8>(stream(), dtype_);
  return {{array(inputs[0].shape(), dtype_, std::move(node), inputs)}, axes};
}

}  // namespace mlx::core
