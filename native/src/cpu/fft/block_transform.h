#pragma once

#include "cpu/fft/block_kernels.h"
#include "cpu/fft/column_kernels.h"

namespace mlx::core::cpu {

/// Rows that the functions below need as memory.
size_t block_memory_rows(const ColumnPlan& plan);

/// Up to kLanes lines as rows that the plan's transform reads: where they are, if their elements
/// lie side by side, or else in the block, which is filled.
ConstRows rows_of_block(const ColumnPlan& plan, const LaneLayout& layout, const float* data,
                        bool swapped, float* block);

/// Transforms a block's rows to lines in memory, with parts swapped, times scale.
void transform_rows(const ColumnPlan& plan, ConstRows in, const LaneLayout& layout, float* data,
                    bool swapped, float scale, float* memory);

/// The same for lines in memory; with the positive sign in the exponent when inverse.
void transform_block(const ColumnPlan& plan, const LaneLayout& in, const float* from,
                     const LaneLayout& out, float* to, bool inverse, float scale, float* memory);

}  // namespace mlx::core::cpu
