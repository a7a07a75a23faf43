#pragma once

#include <cstdint>
#include <span>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

enum class ReduceOp : uint8_t { sum, prod, max, min, all, any };

/// Reduces over distinct, non-negative axes; out is row-contiguous over the axes that stay.
/// sum and prod: a bool or integer input takes any integer out_dtype and wraps in it; a half type
/// takes itself or float32; others take themselves. max and min keep the dtype and propagate NaN;
/// all and any give bool. Sums of floats are off by a few roundings whatever the length.
/// Throws DtypeError for other pairs and std::invalid_argument for max or min of nothing.
void reduce(ReduceOp op, const StridedInput& in, std::span<const int> axes, Dtype out_dtype,
            void* out);

}  // namespace mlx::core::cpu
