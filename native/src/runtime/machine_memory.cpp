#include "runtime/machine_memory.h"

#include <unistd.h>

#include <algorithm>

namespace mlx::core {

size_t physical_memory() {
  long pages = sysconf(_SC_PHYS_PAGES);
  long page_bytes = sysconf(_SC_PAGESIZE);
  // Where the system doesn't say, assume a small machine.
  if (pages <= 0 || page_bytes <= 0) return size_t(4) << 30;
  return size_t(pages) * size_t(page_bytes);
}

size_t usable_memory(const CgroupLimits& limits) {
  size_t bytes = physical_memory();
  return limits.memory_bytes ? std::min(bytes, *limits.memory_bytes) : bytes;
}

}  // namespace mlx::core
