// The allocator's statistics and limits, in bytes.

#include "mlx/memory.h"

#include "binder.h"
#include "runtime/caching_allocator.h"

namespace mlx::addon {

using core::StreamOrDevice;

/// The last argument is where a scope of JavaScript computes: the default device of the call.
FunctionTable memory_functions() {
  return {
      bind("getActiveMemory", [](StreamOrDevice) { return core::get_active_memory(); }),
      bind("getPeakMemory", [](StreamOrDevice) { return core::get_peak_memory(); }),
      bind("resetPeakMemory", [](StreamOrDevice) { core::reset_peak_memory(); }),
      bind("getCacheMemory", [](StreamOrDevice) { return core::get_cache_memory(); }),
      bind("setMemoryLimit",
           [](double bytes, StreamOrDevice) { return core::set_memory_limit(size_t(bytes)); }),
      // Lists of JavaScript become arrays on the host, wherever they go from there.
      bind("hostMemoryLimit", [] { return core::allocator::caching_allocator().memory_limit(); }),
      bind("setCacheLimit",
           [](double bytes, StreamOrDevice) { return core::set_cache_limit(size_t(bytes)); }),
      bind("setWiredLimit", [](double bytes) { return core::set_wired_limit(size_t(bytes)); }),
      bind("clearCache", [](StreamOrDevice) { core::clear_cache(); }),
  };
}

}  // namespace mlx::addon
