#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

enum class ReduceOp : uint8_t { sum, prod, max, min, all, any, argmax, argmin };

/// Reduces over distinct, non-negative axes; out is row-contiguous over the axes that stay. Dtypes
/// as in cpu/reduce: sum and prod of integers wrap in any integer out_dtype, half types take
/// themselves or float32; max, min keep the dtype and propagate NaN; all and any give bool; argmax
/// and argmin, of one axis, give uint32: the lowest among equals and the first NaN. Sums of floats
/// are kept in two float32. The bits depend on shape and strides alone. max, min and the positions
/// need an element.
void reduce(Commands& commands, ReduceOp op, const StridedPlace& in, std::span<const int> axes,
            Dtype::Val out_dtype, Place out);

}  // namespace mlx::core::gpu
