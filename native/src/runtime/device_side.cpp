#include "runtime/device_side.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "runtime/block.h"
#include "runtime/caching_allocator.h"
#include "runtime/memory_pressure.h"

namespace mlx::core {

using allocator::Buffer;
using allocator::BufferRecord;

DeviceSide::DeviceSide(gpu::Device& device, size_t bytes, bool is_new)
    : device_(device), bytes_(bytes), host_is_valid_(!is_new) {}

DeviceSide::~DeviceSide() {
  drop_memory();
  allocator::free(host_copy_);
}

void DeviceSide::drop_memory() {
  free_device_memory(device_, std::exchange(memory_, {}), std::exchange(uses_, {}));
  writer_ = {nullptr, 0};
  device_is_valid_ = false;
}

void DeviceSide::wait_for_writer(DeviceQueue& queue) {
  if (writer_.queue) queue.wait_for(*writer_.queue, writer_.ticket);
}

gpu::Memory DeviceSide::for_reading(DeviceQueue& queue, const BufferRecord& record) {
  auto lock = lock_answering(mutex_);
  if (device_is_valid_) {
    wait_for_writer(queue);
    return memory_;
  }
  drop_memory();
  memory_ = allocate_device_memory(device_, &queue, bytes_);
  uint64_t ticket = queue.put([&](gpu::Queue& q) { q.copy_in(record.data, memory_, 0, bytes_); });
  writer_ = {&queue, ticket};
  uses_.push_back(writer_);
  device_is_valid_ = true;
  return memory_;
}

gpu::Memory DeviceSide::for_writing(DeviceQueue& queue) {
  auto lock = lock_answering(mutex_);
  if (!memory_) memory_ = allocate_device_memory(device_, &queue, bytes_);
  // Others may still read what is overwritten: their handles went when their work was put in.
  for (auto& use : uses_) queue.wait_for(*use.queue, use.ticket);
  device_is_valid_ = true;
  host_is_valid_ = false;
  return memory_;
}

void DeviceSide::note_use(DeviceQueue& queue, uint64_t ticket, bool writes) {
  auto lock = lock_answering(mutex_);
  if (writes) {
    writer_ = {&queue, ticket};
    uses_.clear();
  }
  auto found = std::find_if(uses_.begin(), uses_.end(),
                            [&](const DeviceUse& use) { return use.queue == &queue; });
  if (found == uses_.end())
    uses_.push_back({&queue, ticket});
  else
    found->ticket = ticket;
}

void* DeviceSide::on_host(BufferRecord& record, bool may_write) {
  auto lock = lock_answering(mutex_);
  if (!record.data) {
    host_copy_ = allocator::malloc(bytes_);
    record.data = host_copy_.raw_ptr();
  }
  if (!host_is_valid_ && writer_.queue)
    writer_.queue->read(writer_.ticket, memory_, 0, record.data, bytes_);
  host_is_valid_ = true;
  if (may_write) drop_memory();
  return record.data;
}

bool DeviceSide::is_on_host() const {
  auto lock = lock_answering(mutex_);
  return host_is_valid_;
}

void DeviceSide::read(const BufferRecord& record, size_t offset, void* to, size_t bytes) {
  auto lock = lock_answering(mutex_);
  if (host_is_valid_)
    std::memcpy(to, static_cast<const char*>(record.data) + offset, bytes);
  else if (writer_.queue)
    writer_.queue->read(writer_.ticket, memory_, offset, to, bytes);
}

Buffer allocate_on_device(gpu::Device& device, size_t bytes) {
  auto* block = new allocator::Block{};
  block->size = bytes;
  block->device = new DeviceSide(device, bytes, true);
  return Buffer(block);
}

Buffer allocate_for_work(size_t bytes) {
  DeviceQueue* queue = DeviceQueue::current();
  return queue ? allocate_on_device(queue->device(), bytes) : allocator::malloc(bytes);
}

DeviceSide& device_side(gpu::Device& device, Buffer buffer) {
  // Two streams may meet a buffer at the same time.
  static std::mutex& making = *new std::mutex;
  BufferRecord& record = *buffer.record();
  if (DeviceSide* made = record.device.load(std::memory_order_acquire)) return *made;
  std::lock_guard lock(making);
  if (!record.device.load())
    record.device.store(
        new DeviceSide(device, allocator::caching_allocator().bytes_asked_for(buffer), false),
        std::memory_order_release);
  return *record.device.load();
}

}  // namespace mlx::core
