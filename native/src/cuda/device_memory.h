#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "cuda/context.h"
#include "gpu/hal.h"
#include "runtime/size_class.h"

namespace mlx::core::cuda {

/// Caching allocator of one device's plain memory. Allocations of up to 1 MiB are cut from chunks,
/// since the driver gives out 2 MiB at the least; freed memory waits for the next of its size
/// class.
class DeviceMemory {
 public:
  explicit DeviceMemory(const DeviceContext& context) : context_(context) {}

  gpu::Memory allocate(size_t size);
  void free(gpu::Memory memory) noexcept;
  /// Gives whole allocations back to the driver; pieces of chunks stay.
  void release_cache();
  void set_limits(size_t memory, size_t cache);
  size_t cached_bytes() const;

 private:
  static allocator::SizeClass class_of(size_t size);
  /// 0 when there is none left.
  Address from_driver(size_t bytes);
  Address from_chunk(size_t bytes);
  /// Gives the largest first, until no more than so many bytes are kept.
  void shrink_cache(size_t most);

  const DeviceContext& context_;
  mutable std::mutex mutex_;
  struct FreeList {
    size_t capacity = 0;
    std::vector<Address> addresses;
  };
  std::array<FreeList, allocator::class_count> free_;
  size_t cached_ = 0;
  /// Taken from the driver and not given back.
  size_t taken_ = 0;
  size_t memory_limit_ = SIZE_MAX, cache_limit_ = SIZE_MAX;
  Address chunk_ = 0;
  size_t chunk_left_ = 0;
};

}  // namespace mlx::core::cuda
