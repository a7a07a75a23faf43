#include "cuda/device_memory.h"

#include <algorithm>

#include "mlx/errors.h"

namespace mlx::core::cuda {
namespace {

constexpr size_t smallest = 256, largest_piece = size_t(1) << 20, chunk_bytes = size_t(32) << 20;

}  // namespace

allocator::SizeClass DeviceMemory::class_of(size_t size) {
  if (size > allocator::max_size)
    throw EngineError("[gpu] " + std::to_string(size) + " bytes are more than any device has.");
  auto found = allocator::size_class(std::max(size, smallest));
  // Classes between multiples of the alignment share the next one's.
  while (found.capacity % smallest != 0) found = allocator::size_class(found.capacity + 1);
  return found;
}

Address DeviceMemory::from_driver(size_t bytes) {
  Address address = 0;
  Result status = context_.driver().memory_allocate(&address, bytes);
  if (status == result::out_of_memory) return 0;
  context_.check(status, "allocating memory on the GPU");
  return address;
}

Address DeviceMemory::from_chunk(size_t bytes) {
  if (chunk_left_ < bytes) {
    // The rest of the last chunk is lost to pieces of this size: less than 1 of 32 MiB.
    Address chunk = from_driver(chunk_bytes);
    if (!chunk) return 0;
    chunk_ = chunk;
    chunk_left_ = chunk_bytes;
  }
  Address piece = chunk_;
  chunk_ += bytes;
  chunk_left_ -= bytes;
  return piece;
}

gpu::Memory DeviceMemory::allocate(size_t size) {
  context_.enter();
  auto size_class = class_of(size);
  std::unique_lock lock(mutex_);
  auto& list = free_[size_t(size_class.index)].addresses;
  if (!list.empty()) {
    Address address = list.back();
    list.pop_back();
    cached_ -= size_class.capacity;
    return {address, size};
  }
  bool is_piece = size_class.capacity <= largest_piece;
  auto get = [&] {
    return is_piece ? from_chunk(size_class.capacity) : from_driver(size_class.capacity);
  };
  Address address = get();
  if (!address) {
    lock.unlock();
    release_cache();
    lock.lock();
    address = get();
  }
  if (address) return {address, size};
  size_t free = 0, total = 0;
  context_.note(context_.driver().memory_info(&free, &total), "asking for free memory");
  throw EngineError("[gpu] The device is out of memory: " + std::to_string(size) +
                    " bytes were asked for, and " + std::to_string(free) + " of " +
                    std::to_string(total) + " are free.");
}

void DeviceMemory::free(gpu::Memory memory) noexcept {
  if (!memory) return;
  auto size_class = class_of(memory.size);
  std::lock_guard lock(mutex_);
  auto& list = free_[size_t(size_class.index)];
  list.capacity = size_class.capacity;
  list.addresses.push_back(memory.handle);
  cached_ += size_class.capacity;
}

void DeviceMemory::release_cache() {
  context_.enter();
  std::lock_guard lock(mutex_);
  for (auto& list : free_) {
    if (list.capacity <= largest_piece) continue;
    for (auto address : list.addresses)
      context_.note(context_.driver().memory_free(address), "freeing memory");
    cached_ -= list.capacity * list.addresses.size();
    list.addresses.clear();
  }
}

size_t DeviceMemory::cached_bytes() const {
  std::lock_guard lock(mutex_);
  return cached_;
}

}  // namespace mlx::core::cuda
