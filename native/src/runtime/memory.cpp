#include "mlx/memory.h"

#include <atomic>

#include "mlx/device.h"
#include "runtime/caching_allocator.h"
#include "runtime/gpu_memory.h"
#include "runtime/memory_source.h"

namespace mlx::core {

using allocator::caching_allocator;

namespace {

/// The functions answer for the default device: a GPU's memory has an account of its own.
bool is_on_gpu() { return default_device().type == Device::gpu; }

}  // namespace

size_t get_active_memory() {
  return is_on_gpu() ? gpu_memory::active() : caching_allocator().active_memory();
}
size_t get_peak_memory() {
  return is_on_gpu() ? gpu_memory::peak() : caching_allocator().peak_memory();
}
void reset_peak_memory() {
  if (is_on_gpu())
    gpu_memory::reset_peak();
  else
    caching_allocator().reset_peak_memory();
}
size_t get_cache_memory() {
  return is_on_gpu() ? gpu_memory::cache() : caching_allocator().cache_memory();
}
size_t set_memory_limit(size_t limit) {
  return is_on_gpu() ? gpu_memory::set_limit(limit) : caching_allocator().set_memory_limit(limit);
}
size_t get_memory_limit() {
  return is_on_gpu() ? gpu_memory::limit() : caching_allocator().memory_limit();
}
size_t set_cache_limit(size_t limit) {
  return is_on_gpu() ? gpu_memory::set_cache_limit(limit)
                     : caching_allocator().set_cache_limit(limit);
}
void clear_cache() {
  if (is_on_gpu())
    gpu_memory::clear_cache();
  else
    caching_allocator().clear_cache();
}

size_t set_wired_limit(size_t limit) {
  static std::atomic<size_t> current{0};
  if (MemorySource* source = memory_source()) source->set_wired_limit(limit);
  return current.exchange(limit);
}

}  // namespace mlx::core
