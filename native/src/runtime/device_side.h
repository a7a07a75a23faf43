#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "gpu/hal.h"
#include "mlx/allocator.h"
#include "runtime/gpu_memory.h"

namespace mlx::core {

/// What a GPU has of a buffer: memory of its own, whether that or the host's is up to date, and who
/// used it last. Streams may look at one buffer at the same time.
class DeviceSide {
 public:
  /// What lies on the host so far; or, with `is_new`, nothing yet.
  DeviceSide(gpu::Device& device, size_t bytes, bool is_new);
  /// Of memory that host and device share: both use it where it lies, one after the other.
  DeviceSide(gpu::Device& device, size_t bytes, void* shared);
  DeviceSide(const DeviceSide&) = delete;
  DeviceSide& operator=(const DeviceSide&) = delete;
  /// The memory goes back to the device once nobody uses it any more.
  ~DeviceSide();

  /// The device's memory with the values in it, for work that the queue is given next.
  gpu::Memory for_reading(DeviceQueue& queue, const allocator::BufferRecord& record);
  /// Memory whose values don't matter; the host's are old from now on.
  gpu::Memory for_writing(DeviceQueue& queue);
  /// The last uses of shared memory, which is free only after them; for who ends this.
  std::vector<DeviceUse> take_uses_of_shared();
  /// Notes that work which reads or writes the memory will have been done with a ticket.
  void note_use(DeviceQueue& queue, uint64_t ticket, bool writes);

  /// The host's bytes with the values in them. Who may write makes the device's invalid.
  void* on_host(allocator::BufferRecord& record, bool may_write);
  bool is_on_host() const;
  /// Some bytes alone.
  void read(const allocator::BufferRecord& record, size_t offset, void* to, size_t bytes);

 private:
  void wait_for_writer(DeviceQueue& queue);
  void drop_memory();
  void* on_host_when_done(void* bytes, bool may_write);

  mutable std::mutex mutex_;
  gpu::Device& device_;
  size_t bytes_;
  gpu::Memory memory_;
  /// The memory is the host's own.
  bool is_shared_ = false;
  /// Of shared memory: whether the host needn't wait.
  bool host_is_valid_;
  bool device_is_valid_ = false;
  /// Memory for the host that the buffer didn't have.
  allocator::Buffer host_copy_{nullptr};
  /// The last use by each queue, and the last one that wrote.
  std::vector<DeviceUse> uses_;
  DeviceUse writer_{nullptr, 0};
};

/// Whether the host's memory is the device's too.
bool shares_memory(const gpu::Device& device);

/// A buffer on the device alone, or of memory that both share, which the host gets a copy of when
/// it asks.
allocator::Buffer allocate_on_device(gpu::Device& device, size_t bytes);
/// A buffer where the calling thread's work is done: on its queue's device or on the host.
allocator::Buffer allocate_for_work(size_t bytes);

/// The device's side of a buffer, made when there was none.
DeviceSide& device_side(gpu::Device& device, allocator::Buffer buffer);

}  // namespace mlx::core
