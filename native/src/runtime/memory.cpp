#include "mlx/memory.h"

#include <atomic>

#include "runtime/caching_allocator.h"

namespace mlx::core {

using allocator::caching_allocator;

size_t get_active_memory() { return caching_allocator().active_memory(); }
size_t get_peak_memory() { return caching_allocator().peak_memory(); }
void reset_peak_memory() { caching_allocator().reset_peak_memory(); }
size_t get_cache_memory() { return caching_allocator().cache_memory(); }
size_t set_memory_limit(size_t limit) { return caching_allocator().set_memory_limit(limit); }
size_t get_memory_limit() { return caching_allocator().memory_limit(); }
size_t set_cache_limit(size_t limit) { return caching_allocator().set_cache_limit(limit); }
void clear_cache() { caching_allocator().clear_cache(); }

size_t set_wired_limit(size_t limit) {
  static std::atomic<size_t> current{0};
  return current.exchange(limit);
}

}  // namespace mlx::core
