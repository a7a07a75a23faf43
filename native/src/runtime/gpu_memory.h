#pragma once

#include <cstddef>
#include <vector>

#include "mlx/allocator.h"
#include "runtime/device_queue.h"

namespace mlx::core {

/// The last work of a queue on a piece of memory.
struct DeviceUse {
  DeviceQueue* queue;
  uint64_t ticket;
};

/// A GPU's memory: what is freed while work that was given to its queues still reads or writes it
/// goes back once that is done. Work of the same queue may have it at once, since it comes later.
/// Short of memory it waits for such work, then has dead arrays looked for; EngineError when that
/// isn't enough.
gpu::Memory allocate_device_memory(gpu::Device& device, DeviceQueue* queue, size_t bytes);
void free_device_memory(gpu::Device& device, gpu::Memory memory, std::vector<DeviceUse> uses);
/// A buffer of the host's memory that a GPU uses too, from the allocator; or one that was freed and
/// that only earlier work of the same queue still uses. Contents are undefined.
allocator::Buffer allocate_shared_buffer(DeviceQueue* queue, size_t bytes);
/// Frees it once that work is done.
void free_when_done(allocator::Buffer buffer, std::vector<DeviceUse> uses);
/// Waits for the work that keeps the oldest freed memory, and gives back all that is unused then;
/// false when there is none.
bool finish_oldest_free();
/// Gives back what nobody uses any more.
void collect_pending_frees();
/// Bytes that were freed and wait for work to be done.
size_t pending_device_memory();

/// The account of the GPU's memory, beside the host's in memory.h.
namespace gpu_memory {

/// Bytes in use, without those that wait.
size_t active();
/// The most bytes in use at once, with those that wait.
size_t peak();
void reset_peak();
/// Bytes that the device keeps for reuse.
size_t cache();
void clear_cache();

/// Bytes that may be in use or kept. MLX_GPU_MEMORY_LIMIT at first, or four fifths of what is free
/// on the device when it is asked for: others may use the card too.
size_t limit();
/// 0 as long as nobody asked.
size_t known_limit();
/// Both return the previous limit.
size_t set_limit(size_t bytes);
size_t set_cache_limit(size_t bytes);

}  // namespace gpu_memory

}  // namespace mlx::core
