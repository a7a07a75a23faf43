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
  // What is in use has its own account, so that what is kept is all that can be too much.
  if (taken_ + bytes > memory_limit_)
    shrink_cache(cached_ - std::min(cached_, taken_ + bytes - memory_limit_));
  Address address = 0;
  Result status = context_.driver().memory_allocate(&address, bytes);
  if (status == result::out_of_memory && cached_ > 0) {
    shrink_cache(0);
    status = context_.driver().memory_allocate(&address, bytes);
  }
  if (status == result::out_of_memory) return 0;
  context_.check(status, "allocating memory on the GPU");
  taken_ += bytes;
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
  std::lock_guard lock(mutex_);
  auto& list = free_[size_t(size_class.index)].addresses;
  if (!list.empty()) {
    Address address = list.back();
    list.pop_back();
    cached_ -= size_class.capacity;
    return {address, size};
  }
  bool is_piece = size_class.capacity <= largest_piece;
  Address address = is_piece ? from_chunk(size_class.capacity) : from_driver(size_class.capacity);
  if (address) return {address, size};
  size_t free = 0, total = 0;
  context_.note(context_.driver().memory_info(&free, &total), "asking for free memory");
  throw gpu::OutOfDeviceMemory("[gpu] The device is out of memory: " + std::to_string(size) +
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
  if (cached_ <= cache_limit_) return;
  try {
    context_.enter();
    shrink_cache(cache_limit_);
  } catch (const EngineError&) {
    // A device that is lost has no memory.
  }
}

void DeviceMemory::shrink_cache(size_t most) {
  for (auto list = free_.rbegin(); list != free_.rend(); ++list) {
    if (list->capacity <= largest_piece) continue;
    while (cached_ > most && !list->addresses.empty()) {
      context_.note(context_.driver().memory_free(list->addresses.back()), "freeing memory");
      list->addresses.pop_back();
      cached_ -= list->capacity;
      taken_ -= list->capacity;
    }
  }
}

void DeviceMemory::release_cache() {
  context_.enter();
  std::lock_guard lock(mutex_);
  shrink_cache(0);
}

void DeviceMemory::set_limits(size_t memory, size_t cache) {
  std::lock_guard lock(mutex_);
  memory_limit_ = memory;
  cache_limit_ = cache;
}

size_t DeviceMemory::cached_bytes() const {
  std::lock_guard lock(mutex_);
  return cached_;
}

}  // namespace mlx::core::cuda
