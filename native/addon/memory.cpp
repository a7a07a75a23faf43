// The allocator's statistics and limits, in bytes.

#include "mlx/memory.h"

#include "binder.h"

namespace mlx::addon {

FunctionTable memory_functions() {
  return {
      bind("getActiveMemory", [] { return core::get_active_memory(); }),
      bind("getPeakMemory", [] { return core::get_peak_memory(); }),
      bind("resetPeakMemory", [] { core::reset_peak_memory(); }),
      bind("getCacheMemory", [] { return core::get_cache_memory(); }),
      bind("setMemoryLimit", [](double bytes) { return core::set_memory_limit(size_t(bytes)); }),
      bind("getMemoryLimit", [] { return core::get_memory_limit(); }),
      bind("setCacheLimit", [](double bytes) { return core::set_cache_limit(size_t(bytes)); }),
      bind("setWiredLimit", [](double bytes) { return core::set_wired_limit(size_t(bytes)); }),
      bind("clearCache", [] { core::clear_cache(); }),
  };
}

}  // namespace mlx::addon
