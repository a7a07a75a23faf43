#pragma once

#include <cstddef>

#include "mlx/dtype.h"
#include "primitives/elementwise_op.h"

namespace mlx::core::cpu {

/// About how long an operation takes for one element on one core, in eighths of a nanosecond.
size_t elementwise_cost(ElementwiseOp op, Dtype::Val dtype);

/// Elements for one thread to take at a time for a program of this cost: some ten microseconds, so
/// that waking a thread pays.
size_t elementwise_grain(size_t cost);

}  // namespace mlx::core::cpu
