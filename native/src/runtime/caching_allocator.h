#pragma once

#include <atomic>

#include "mlx/allocator.h"
#include "runtime/block_cache.h"
#include "runtime/slab_allocator.h"

namespace mlx::core::allocator {

/// The process's allocator: slabs for tiny buffers, a bounded cache in front of the operating
/// system for all others, and the account of both.
class CachingAllocator final : public Allocator {
 public:
  explicit CachingAllocator(size_t memory_limit);

  Buffer malloc(size_t size) override;
  void free(Buffer buffer) override;
  size_t size(Buffer buffer) const override;
  size_t bytes_asked_for(Buffer buffer) const;
  Buffer make_buffer(void* ptr, size_t size) override;
  void release(Buffer buffer) override;

  size_t active_memory() const { return active_.load(std::memory_order_relaxed); }
  size_t peak_memory() const { return peak_.load(std::memory_order_relaxed); }
  void reset_peak_memory() { peak_.store(0, std::memory_order_relaxed); }
  size_t cache_memory() const { return cache_.bytes(); }
  void clear_cache();

  size_t memory_limit() const { return memory_limit_.load(std::memory_order_relaxed); }
  /// Both return the previous limit.
  size_t set_memory_limit(size_t limit);
  size_t set_cache_limit(size_t limit) { return cache_.set_limit(limit); }
  /// For tests: lets the allocation of that number from now on fail, once; 0 for none.
  void fail_allocation(int64_t number) { allocations_until_failure_.store(number); }
  /// How many allocations are left before the one that is to fail; 0 or below when it has.
  int64_t allocations_until_failure() const { return allocations_until_failure_.load(); }

 private:
  bool fails_on_purpose() {
    return allocations_until_failure_.load(std::memory_order_relaxed) > 0 &&
           count_down_to_failure();
  }
  bool count_down_to_failure();
  /// Null when over the limit or when the system has no memory.
  Block* try_allocate(SizeClass size_class);
  Block* allocate_under_pressure(size_t size, SizeClass size_class);
  [[noreturn]] void throw_out_of_memory(size_t size) const;
  /// Adds to the bytes in use unless that would exceed the limit.
  bool reserve(size_t bytes);
  /// Makes room in the cache so that bytes in use and cached together keep to the limit.
  void fit_cache();

  SlabAllocator slabs_;
  BlockCache cache_;
  // Apart, because active_ is written by every thread's every allocation.
  alignas(64) std::atomic<size_t> active_{0};
  alignas(64) std::atomic<size_t> peak_{0};
  std::atomic<size_t> memory_limit_;
  std::atomic<int64_t> allocations_until_failure_{0};
};

CachingAllocator& caching_allocator();

}  // namespace mlx::core::allocator
