#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/reduce/kernel.h"

namespace mlx::core::cpu {

/// Takes elements at o * output_stride + i * step, for i < length, into the states of the outputs
/// o < outputs. first is the position of i = 0 along the reduced axis.
void accumulate(const ReduceKernel& kernel, const std::byte* in, size_t itemsize, int64_t outputs,
                int64_t output_stride, int64_t length, int64_t step, int64_t first,
                std::byte* states);

}  // namespace mlx::core::cpu
