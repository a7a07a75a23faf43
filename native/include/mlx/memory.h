#pragma once

#include <cstddef>

#include "mlx/api.h"

namespace mlx::core {

// All of these are about the memory of the calling thread's default device.

/// Bytes in buffers that are in use, each counted as large as its size class.
MLX_API size_t get_active_memory();
/// The most bytes in use at once since the start or the last reset_peak_memory.
MLX_API size_t get_peak_memory();
/// Sets the peak to zero; it counts again from the next allocation.
MLX_API void reset_peak_memory();
/// Bytes in freed buffers kept for reuse. Buffers of up to 1 KiB come from slabs, whose free
/// places are not counted here.
MLX_API size_t get_cache_memory();

/// Sets how many bytes may be in use or cached; past it an allocation throws EngineError. Returns
/// the previous limit. The default is 80 % of the smaller of the machine's memory and the
/// cgroup's limit; on a GPU 80 % of what is free when it is first used, or MLX_GPU_MEMORY_LIMIT.
MLX_API size_t set_memory_limit(size_t limit);
MLX_API size_t get_memory_limit();

/// Sets how many bytes may be cached and returns the previous limit; 0 turns caching off. The
/// default is a quarter of the default memory limit.
MLX_API size_t set_cache_limit(size_t limit);
/// Gives all cached memory back to the system.
MLX_API void clear_cache();

/// Sets how many bytes a GPU may keep resident and returns the previous limit (0 at first). The
/// CPU keeps nothing wired, so there the number is only remembered.
MLX_API size_t set_wired_limit(size_t limit);

}  // namespace mlx::core
