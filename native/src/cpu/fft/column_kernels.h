#pragma once

#include "cpu/fft/column_plan.h"

namespace mlx::core::cpu {

/// Transforms the lines of a block with the negative sign in the exponent, unscaled. Both memories
/// have room for the block; returns the one that holds the result.
float* transform_columns(const ColumnPlan& plan, float* block, float* spare);

}  // namespace mlx::core::cpu
