#pragma once

#include "gpu/hal.h"

namespace mlx::core::metal {

/// Copies and fills are kernels like all others, so that a pass of a command buffer never has to
/// end for them. Arguments: (from, to, count) and (to, word, count), in words of 1, 2, 4 or 8
/// bytes.
gpu::KernelSource copy_source(uint32_t width);
gpu::KernelSource fill_source(uint32_t width);

inline constexpr uint32_t byte_kernel_threads = 256;

}  // namespace mlx::core::metal
