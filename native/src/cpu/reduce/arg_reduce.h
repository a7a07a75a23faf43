#pragma once

#include <cstdint>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

enum class ArgReduceOp : uint8_t { argmax, argmin };

/// Position of the extreme value along one non-negative axis: the lowest among equals, and the
/// first NaN if there is one. out is row-contiguous over the other axes.
/// Throws std::invalid_argument when the axis is empty but the output isn't.
void arg_reduce(ArgReduceOp op, const StridedInput& in, int axis, uint32_t* out);

}  // namespace mlx::core::cpu
