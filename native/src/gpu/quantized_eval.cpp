#include <optional>

#include "gpu/arrays.h"
#include "gpu/quantized.h"
#include "primitives/quantized.h"
#include "primitives/quantized_matmul.h"

namespace mlx::core {
namespace {

int64_t rows(const array& a) { return a.shape(-1) == 0 ? 0 : int64_t(a.size()) / a.shape(-1); }

/// The array, or a copy of it, whose matrices are dense; axes before the last two may repeat some.
array dense_matrices(const array& a) {
  const bool dense = a.ndim() >= 2 && (a.strides(-1) == 1 || a.shape(-1) == 1) &&
                     (a.strides(-2) == a.shape(-1) || a.shape(-2) == 1);
  return dense ? a : gpu::row_contiguous(a);
}
std::span<const int32_t> batch_of(const array& a) { return gpu::shape_of(a).first(a.ndim() - 2); }
std::span<const int64_t> batch_strides(const array& a) {
  return gpu::strides_of(a).first(a.ndim() - 2);
}
bool is_one_matrix(const array& a) {
  for (size_t axis = 0; axis + 2 < a.ndim(); ++axis)
    if (a.shape()[axis] != 1 && a.strides()[axis] != 0) return false;
  return true;
}

/// The operands of products, of which each may be any matrix.
struct Operands {
  Quantization format;
  array x, codes, scales, biases;

  Operands(const std::vector<array>& inputs, const Quantization& format)
      : format(format),
        x(dense_matrices(inputs[0])),
        codes(dense_matrices(inputs[1])),
        scales(dense_matrices(inputs[2])),
        biases(dense_matrices(inputs[format.is_affine() ? 3 : 2])) {}

  gpu::QuantizedProducts products(gpu::Encoder& encoder, bool transpose) const {
    return {.dtype = x.dtype(),
            .m = x.shape(-2),
            .transpose = transpose,
            .x = encoder.read(x),
            .w = {.format = format,
                  .parameter_dtype = scales.dtype(),
                  .rows = scales.shape(-2),
                  .columns = int64_t(scales.shape(-1)) * format.group_size,
                  .codes = encoder.read(codes),
                  .scales = encoder.read(scales),
                  .biases = encoder.read(biases)},
            .x_shape = batch_of(x),
            .w_shape = batch_of(codes),
            .x_strides = batch_strides(x),
            .codes_strides = batch_strides(codes),
            .scales_strides = batch_strides(scales),
            .biases_strides = batch_strides(biases),
            .count = 1};
  }
};

/// The scale of all of nvfp4, if it is given.
std::optional<gpu::Place> global_scale(gpu::Encoder& encoder, const std::vector<array>& inputs) {
  if (inputs.size() < 2) return std::nullopt;
  return encoder.read(inputs[1]);
}

}  // namespace

void Quantize::eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (auto& output : outputs) gpu::allocate(output);
  if (inputs[0].size() == 0) return;
  array w = gpu::row_contiguous(inputs[0]);
  gpu::Encoder encoder;
  auto from = encoder.read(w);
  auto global = global_scale(encoder, inputs);
  gpu::QuantizedPlace to{.format = format_,
                         .parameter_dtype = w.dtype(),
                         .rows = rows(w),
                         .columns = w.shape(-1),
                         .codes = encoder.write(outputs[0]),
                         .scales = encoder.write(outputs[1]),
                         .biases = {}};
  if (format_.is_affine()) to.biases = encoder.write(outputs[2]);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::quantize(commands, w.dtype(), from, global ? &*global : nullptr, to);
  });
}

void Dequantize::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  array codes = gpu::row_contiguous(inputs[0]), scales = gpu::row_contiguous(inputs[1]);
  array biases = gpu::row_contiguous(inputs[format_.is_affine() ? 2 : 1]);
  gpu::Encoder encoder;
  gpu::QuantizedPlace from{.format = format_,
                           .parameter_dtype = scales.dtype(),
                           .rows = rows(output),
                           .columns = output.shape(-1),
                           .codes = encoder.read(codes),
                           .scales = encoder.read(scales),
                           .biases = encoder.read(biases)};
  auto to = encoder.write(output);
  encoder.encode(
      [&](gpu::Commands& commands) { gpu::dequantize(commands, from, output.dtype(), to); });
}

void QuantizedRounding::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  array x = gpu::row_contiguous(inputs[0]);
  gpu::Encoder encoder;
  auto from = encoder.read(x);
  auto global = global_scale(encoder, inputs);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::round_to_quantized(commands, format_, x.dtype(), from, int64_t(x.size()),
                            global ? &*global : nullptr, to);
  });
}

void ConvertFP8::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  array x = gpu::row_contiguous(inputs[0]);
  gpu::Encoder encoder;
  auto from = encoder.read(x), to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    if (dtype_ == uint8)
      gpu::to_fp8(commands, x.dtype(), from, int64_t(x.size()), to);
    else
      gpu::from_fp8(commands, from, int64_t(x.size()), dtype_, to);
  });
}

void QuantizedMatmul::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  Operands operands(inputs, format_);
  gpu::Encoder encoder;
  auto products = operands.products(encoder, transpose_);
  const array& x = operands.x;
  // Rows of all matrices are one when they meet the same one.
  const bool one = x.flags().row_contiguous && is_one_matrix(operands.codes) &&
                   is_one_matrix(operands.scales) && is_one_matrix(operands.biases);
  for (int n : products.x_shape) (one ? products.m : products.count) *= n;
  if (one) {
    products.x_shape = products.w_shape = {};
    products.x_strides = products.codes_strides = products.scales_strides =
        products.biases_strides = {};
  }
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) { gpu::multiply_quantized(commands, products, to); });
}

void GatherQMM::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  Operands operands(inputs, format_);
  array lhs = gpu::row_contiguous(inputs[inputs.size() - 2]);
  array rhs = gpu::row_contiguous(inputs.back());
  gpu::Encoder encoder;
  auto products = operands.products(encoder, transpose_);
  auto left = encoder.read(lhs), right = encoder.read(rhs);
  products.count = int64_t(lhs.size());
  products.lhs = &left;
  products.rhs = &right;
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) { gpu::multiply_quantized(commands, products, to); });
}

}  // namespace mlx::core
