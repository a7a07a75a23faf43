#pragma once

#include <cstdint>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

/// Sorts ascending along a non-negative axis into row-contiguous memory: stable, NaN last, complex
/// numbers by real part and then imaginary part. NaN come out as the quiet NaN.
void sort(const StridedInput& in, int axis, void* out);

/// The indices that sort does, for the same order.
void argsort(const StridedInput& in, int axis, uint32_t* out);

}  // namespace mlx::core::cpu
