#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "cpu/fft/column_plan.h"

namespace mlx::core::cpu {

/// The step to the imaginary parts of real numbers. Not 0, which leads there in a broadcast line.
inline constexpr int64_t kNoImaginaryPart = std::numeric_limits<int64_t>::min();

/// Where the lines of a block lie in memory. All steps count floats.
struct LaneLayout {
  /// The first element of each line.
  std::array<int64_t, kLanes> starts;
  /// Lanes in use.
  size_t lanes;
  /// From an element of a line to the next.
  int64_t step;
  /// From a real part to its imaginary part, or kNoImaginaryPart.
  int64_t part_step;
};

/// Fills a block's rows from memory; real numbers get zeros for imaginary parts. `swapped` puts
/// real parts in the place of imaginary ones and these in theirs: with the same on the way back, a
/// transform has the positive sign in its exponent.
void load_block(const LaneLayout& layout, const float* data, size_t rows, bool swapped,
                float* block);

/// Writes a block's rows to memory, times scale; of real numbers only these.
void store_block(const LaneLayout& layout, const float* block, size_t rows, bool swapped,
                 float scale, float* data);

/// Whole blocks, one after another, whose lines are all neighbours: row i of `count` blocks is
/// complex numbers from data + i * step on. Wider rows than a block's are moved faster.
void load_neighbour_blocks(const float* data, int64_t step, size_t rows, size_t count, bool swapped,
                           float* blocks);

/// The way back, times scale. If the rows begin at multiples of kRow floats, the stores leave the
/// caches alone.
void store_neighbour_blocks(const float* blocks, size_t rows, size_t count, bool swapped,
                            float scale, float* data, int64_t step);

}  // namespace mlx::core::cpu
