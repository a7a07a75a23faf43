#pragma once

#include <cstddef>
#include <vector>

#include "runtime/device_queue.h"

namespace mlx::core {

/// The last work of a queue on a piece of memory.
struct DeviceUse {
  DeviceQueue* queue;
  uint64_t ticket;
};

/// A GPU's memory: what is freed while work that was given to its queues still reads or writes it
/// goes back once that is done. Work of the same queue may have it at once, since it comes later.
gpu::Memory allocate_device_memory(gpu::Device& device, DeviceQueue* queue, size_t bytes);
void free_device_memory(gpu::Device& device, gpu::Memory memory, std::vector<DeviceUse> uses);
/// Gives back what nobody uses any more.
void collect_pending_frees();

/// Bytes that were allocated and haven't gone back, those that wait included.
size_t device_memory_in_use();
/// Bytes that wait for work to be done.
size_t pending_device_memory();

}  // namespace mlx::core
