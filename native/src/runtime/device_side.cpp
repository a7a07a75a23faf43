#include "runtime/device_side.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <utility>

#include "runtime/block.h"
#include "runtime/caching_allocator.h"
#include "runtime/memory_pressure.h"
#include "runtime/memory_source.h"

namespace mlx::core {

using allocator::Buffer;
using allocator::BufferRecord;

DeviceSide::DeviceSide(gpu::Device& device, size_t bytes, bool is_new)
    : device_(device), bytes_(bytes), host_is_valid_(!is_new) {}

DeviceSide::DeviceSide(gpu::Device& device, size_t bytes, void* shared)
    : device_(device),
      bytes_(bytes),
      memory_{reinterpret_cast<uint64_t>(shared), bytes},
      is_shared_(true),
      host_is_valid_(true),
      device_is_valid_(true) {}

DeviceSide::~DeviceSide() {
  if (!is_shared_) drop_memory();
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

std::vector<DeviceUse> DeviceSide::take_uses_of_shared() {
  if (!is_shared_) return {};
  auto lock = lock_answering(mutex_);
  return std::exchange(uses_, {});
}

void* DeviceSide::on_host_when_done(void* bytes, bool may_write) {
  auto finish = [](const DeviceUse& use) {
    use.queue->block(use.ticket);
    use.queue->throw_if_lost();
  };
  if (!host_is_valid_ && writer_.queue) finish(writer_);
  host_is_valid_ = true;
  if (may_write) {
    for (auto& use : uses_) finish(use);
    uses_.clear();
    writer_ = {nullptr, 0};
  }
  return bytes;
}

void* DeviceSide::on_host(BufferRecord& record, bool may_write) {
  auto lock = lock_answering(mutex_);
  if (is_shared_) return on_host_when_done(record.data, may_write);
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
  if (host_is_valid_ || !is_shared_ || !writer_.queue) return host_is_valid_;
  return writer_.queue->has_reached(writer_.ticket) && !writer_.queue->error();
}

void DeviceSide::read(const BufferRecord& record, size_t offset, void* to, size_t bytes) {
  auto lock = lock_answering(mutex_);
  if (is_shared_) on_host_when_done(record.data, false);
  if (host_is_valid_)
    std::memcpy(to, static_cast<const char*>(record.data) + offset, bytes);
  else if (writer_.queue)
    writer_.queue->read(writer_.ticket, memory_, offset, to, bytes);
}

bool shares_memory(const gpu::Device& device) {
  return memory_source() && device.limits().unified_memory;
}

Buffer allocate_on_device(gpu::Device& device, size_t bytes) {
  if (shares_memory(device)) {
    DeviceQueue* queue = DeviceQueue::current();
    Buffer buffer = allocate_shared_buffer(queue, bytes);
    auto& record = *buffer.record();
    auto side = std::make_unique<DeviceSide>(device, bytes, record.data);
    // Earlier work of the queue may still use it, also when this one never comes to use it.
    if (queue) side->note_use(*queue, queue->next_ticket(), false);
    record.device.store(side.release(), std::memory_order_release);
    return buffer;
  }
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
  if (!record.device.load()) {
    size_t bytes = allocator::caching_allocator().bytes_asked_for(buffer);
    bool is_shared = shares_memory(device) && memory_source()->holds(record.data);
    record.device.store(is_shared ? new DeviceSide(device, bytes, record.data)
                                  : new DeviceSide(device, bytes, false),
                        std::memory_order_release);
  }
  return *record.device.load();
}

}  // namespace mlx::core
