#pragma once

#include <cstddef>
#include <span>

#include "mlx/dtype.h"
#include "primitives/elementwise_op.h"

namespace mlx::core::cpu {

/// Combines several runs of n values of one dtype, element by element and in their order. Halves
/// meet in float32 and are rounded once. The result may lie exactly on one of the runs.
void combine(ElementwiseOp op, Dtype dtype, std::span<const void* const> runs, void* result,
             size_t n);

}  // namespace mlx::core::cpu
