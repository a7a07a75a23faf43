#pragma once

#include <span>

#include "gpu/commands.h"
#include "primitives/quantization.h"

namespace mlx::core::gpu {

/// Codes, scales and, in the mode affine, biases; each contiguous but for a batch's axes.
struct QuantizedPlace {
  Quantization format;
  /// Of scales and biases in the mode affine; in the others scales have 8 bits.
  Dtype::Val parameter_dtype;
  /// Of one matrix.
  int64_t rows, columns;
  Place codes, scales, biases;
};

/// Of contiguous rows of a floating dtype; scales and biases of the mode affine have the same one.
/// A global scale, for nvfp4, may be missing. As cpu/quantized has it.
void quantize(Commands& commands, Dtype::Val dtype, Place w, const Place* global_scale,
              const QuantizedPlace& to);

/// The numbers of all rows in a floating dtype.
void dequantize(Commands& commands, const QuantizedPlace& from, Dtype::Val dtype, Place out);

/// `count` elements of contiguous rows rounded to what the format holds.
void round_to_quantized(Commands& commands, const Quantization& format, Dtype::Val dtype, Place in,
                        int64_t count, const Place* global_scale, Place out);

/// E4M3 codes of contiguous numbers, and numbers of codes.
void to_fp8(Commands& commands, Dtype::Val dtype, Place in, int64_t count, Place out);
void from_fp8(Commands& commands, Place in, int64_t count, Dtype::Val dtype, Place out);

/// out = x @ w^T, or without `transpose` x @ w, for a list of products whose results follow each
/// other. Sums are kept in float32.
struct QuantizedProducts {
  Dtype::Val dtype;
  /// Rows of a left matrix, which lie side by side.
  int64_t m;
  bool transpose;
  Place x;
  QuantizedPlace w;
  /// The batches that matrices stand in. Strides count elements, those of codes words of 4 bytes.
  std::span<const int32_t> x_shape, w_shape;
  std::span<const int64_t> x_strides, codes_strides, scales_strides, biases_strides;
  int64_t count;
  /// Which matrices a product is of, in int32; product i is of the matrices i without them.
  const Place* lhs = nullptr;
  const Place* rhs = nullptr;
};
void multiply_quantized(Commands& commands, const QuantizedProducts& products, Place out);

}  // namespace mlx::core::gpu
