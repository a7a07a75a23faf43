#pragma once

#include <cstdint>

#include "cpu/fft/column_plan.h"

namespace mlx::core::cpu {

/// What the rows that a transform reads or writes look like: a block's, or kLanes complex numbers
/// one after another, or such ones whose real and imaginary parts change places.
enum class RowFormat { block, complex, swapped };

/// Rows in memory, `step` floats apart.
struct ConstRows {
  const float* data;
  int64_t step;
  RowFormat format;
  /// If there, the dense block that is read next, which is fetched in the meantime.
  const float* next = nullptr;
};
struct Rows {
  float* data;
  int64_t step;
  RowFormat format;
};

inline ConstRows const_block_rows(const float* block) { return {block, kRow, RowFormat::block}; }
inline Rows block_rows(float* block) { return {block, kRow, RowFormat::block}; }

/// Rows of memory that transform_columns works in.
size_t column_memory_rows(const ColumnPlan& plan);

/// Transforms lines with the negative sign in the exponent, times scale if they don't go to a
/// block. At least one side is a block if the plan has but one pass. Both sides may be the same
/// memory, but not the one to work in.
void transform_columns(const ColumnPlan& plan, ConstRows in, Rows out, float scale, float* memory);

/// The first half of a long line, which lies as a matrix of rows by columns: transforms kLanes of
/// its columns, turns them by roots of unity and transposes them. Row k, lane c goes to row c, lane
/// k % kLanes of destination block k / kLanes; those are `block_step` floats apart. `columns` of
/// the lanes are in use; rows up to the next multiple of kLanes are overwritten with zeros.
struct Twiddles {
  /// Row k is multiplied by low[k % low_rows] * high[k / low_rows], lane by lane.
  const float* low;
  const float* high;
  size_t low_rows;
};
void transform_and_turn(const ColumnPlan& plan, ConstRows in, Twiddles twiddles, int64_t block_step,
                        size_t columns, float* destination, float* memory);

}  // namespace mlx::core::cpu
