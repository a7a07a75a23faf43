#pragma once

#include <cstdint>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

/// For each of the values the number of elements of an ascending sequence that are below it, or
/// (right) that are not above it, NaN being above all. `values` are `count` in row order; both are
/// of one dtype. A sequence that doesn't ascend gives some numbers within its length.
void search_sorted(const StridedInput& sequence, const void* values, size_t count, bool right,
                   uint32_t* out);

}  // namespace mlx::core::cpu
