#pragma once

#include <cstdint>

#include "mlx/dtype.h"
#include "primitives/quantization.h"

namespace mlx::core::cpu {

/// Rows of codes, of scales, and in the mode affine of biases, each contiguous.
struct QuantizedMatrix {
  Quantization format;
  /// Of scales and biases in the mode affine; in the others scales have 8 bits.
  Dtype parameter_dtype;
  int64_t rows, columns;
  const void* codes;
  const void* scales;
  const void* biases;

  int64_t groups() const { return columns / format.group_size; }
  int64_t row_bytes() const { return columns * format.bits / 8; }
  const uint8_t* row_codes(int64_t row) const {
    return static_cast<const uint8_t*>(codes) + row * row_bytes();
  }

  /// Scales or biases of some groups of a row as float32.
  void load_scales(int64_t row, int64_t group, int64_t count, float* out) const;
  void load_biases(int64_t row, int64_t group, int64_t count, float* out) const;
};

/// The numbers in `count` columns, whole groups, from `column` on.
void dequantize_row(const QuantizedMatrix& matrix, int64_t row, int64_t column, int64_t count,
                    float* out);

/// Codes, scales and biases of contiguous rows of a floating dtype; scales and biases of the mode
/// affine have the same one. A global scale, for nvfp4, may be null.
void quantize(const Quantization& format, Dtype dtype, const void* w, int64_t rows, int64_t columns,
              const float* global_scale, void* codes, void* scales, void* biases);

/// The numbers of all rows in a floating dtype.
void dequantize(const QuantizedMatrix& matrix, Dtype dtype, void* out);

/// Rows rounded to what the format holds.
void round_to_quantized(const Quantization& format, Dtype dtype, const void* in, int64_t rows,
                        int64_t columns, const float* global_scale, void* out);

/// E4M3 codes of contiguous numbers, and numbers of codes.
void to_fp8(Dtype dtype, const void* in, int64_t count, uint8_t* out);
void from_fp8(const uint8_t* in, int64_t count, Dtype dtype, void* out);

}  // namespace mlx::core::cpu
