#pragma once

#include <cstdint>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

/// Along a non-negative axis, into row-contiguous memory: first the elements below the one that
/// sorting puts at kth, then those equal to it, then those above it, NaN being above all. Each of
/// the three keeps its order, and elements keep their bits.
void partition(const StridedInput& in, int axis, int64_t kth, void* out);

/// The indices that partition does, in the same order.
void argpartition(const StridedInput& in, int axis, int64_t kth, uint32_t* out);

}  // namespace mlx::core::cpu
