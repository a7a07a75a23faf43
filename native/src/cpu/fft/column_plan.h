#pragma once

#include <cstddef>
#include <vector>

namespace mlx::core::cpu {

// A block holds one line in each of its lanes: row i has the real parts of element i of all lines
// and then the imaginary parts. Every step works on whole rows, whatever the length's factors.
inline constexpr size_t kLanes = 8;
inline constexpr size_t kRow = 2 * kLanes;

/// How many transforms of the first group are done side by side; of the second it is kLanes.
inline constexpr size_t kFirstBatch = 4;

/// Prime factors above this are not worth a pass of their own.
inline constexpr size_t kMaxRadix = 61;

/// One pass of Stockham's self-sorting transform: `count * stride` butterflies of `radix` rows.
struct Pass {
  size_t radix;
  size_t count;
  size_t stride;
  /// exp(-2 pi i p j / (radix * count)) for p < count and 1 <= j < radix: real and imaginary part.
  std::vector<float> twiddles;
  /// cos and sin of 2 pi j / radix for j < radix; for odd radices.
  std::vector<float> roots;
};

/// The passes that transform the lines of a block. If the block is larger than the first-level
/// cache, they fall into two groups, each the passes of a shorter transform: the first group does
/// `second_length` of them and the second `first_length`, one by one within the cache.
struct ColumnPlan {
  size_t length;
  size_t first_length;
  size_t second_length;
  std::vector<Pass> first;
  /// Empty, with a second_length of 1, where there is one group.
  std::vector<Pass> second;
  /// exp(-2 pi i p k / length) for p < second_length and k < first_length, between the groups.
  std::vector<float> twiddles;

  explicit ColumnPlan(size_t length);

  /// Rows of memory for what the first group hands to the second, and for each of two tiles that
  /// passes of a group hand to one another.
  size_t rows_between_groups() const;
  size_t rows_of_tile() const;
};

/// About how many nanoseconds the passes of a block of this length take; infinite for lengths with
/// prime factors above kMaxRadix.
double column_cost(size_t length);

}  // namespace mlx::core::cpu
