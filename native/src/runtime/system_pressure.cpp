#include "runtime/system_pressure.h"

#include <chrono>

#include "runtime/caching_allocator.h"
#include "runtime/gpu_memory.h"
#include "runtime/memory_pressure.h"

namespace mlx::core {
namespace {

constexpr std::chrono::milliseconds longest_wait{500};

/// Unmaps pages and reads none, which could be ones that the system has compressed.
void give_back() {
  collect_pending_frees();
  allocator::caching_allocator().clear_cache();
}

}  // namespace

void answer_system_pressure(SystemPressure pressure) {
  give_back();
  if (pressure == SystemPressure::critical && ask_for_relief(1, longest_wait)) give_back();
}

}  // namespace mlx::core
