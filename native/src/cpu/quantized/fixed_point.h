#pragma once

#include <cstdint>

#include "cpu/quantized/quantized_matrix.h"
#include "cpu/quantized/word_kernels.h"

namespace mlx::core::cpu {

/// Numbers that share a unit and are handled as one vector of codes.
inline constexpr int64_t kFixedPointBlock = 64;
/// A number is three signed bytes of decreasing weight, times the unit.
inline constexpr int64_t kFixedPointDigits = 3;

/// Whether rows of this format and length can be multiplied in fixed point on this processor:
/// codes of 4 bits, which products of bytes take as they are.
bool has_fixed_point_products(const Quantization& format, int64_t columns);

/// A vector in fixed point. The numbers of a group, or of a block if that is longer, share a unit
/// so small that the largest of them keeps 23 bits.
struct FixedPointVector {
  /// Of each block: for each digit first those of numbers with even, then with odd places.
  int8_t* digits;
  /// Of each of the matrix's groups; kGroupPadding zeros follow.
  float* units;
};

/// Fills `out` with `count` numbers, or returns false when some are too large, too small, infinite
/// or NaN for it.
bool to_fixed_point(const float* x, int64_t count, int64_t group_size, const FixedPointVector& out);

/// sums[r] = sum over the codes of row r of (scale * code + bias) * x.
void dot_fixed_point(int64_t group_size, const WordRow* rows, int64_t row_count, int64_t columns,
                     const FixedPointVector& x, const float* group_sums, float* sums);

}  // namespace mlx::core::cpu
