#include "runtime/machine_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace mlx::core {

size_t physical_memory() {
  long pages = sysconf(_SC_PHYS_PAGES);
  long page_bytes = sysconf(_SC_PAGESIZE);
  // Where the system doesn't say, assume a small machine.
  if (pages <= 0 || page_bytes <= 0) return size_t(4) << 30;
  return size_t(pages) * size_t(page_bytes);
}

std::optional<size_t> address_space_left() {
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (!file) return std::nullopt;
  unsigned long pages = 0;
  const bool is_read = std::fscanf(file, "%lu", &pages) == 1;
  std::fclose(file);
  if (!is_read) return std::nullopt;
  const size_t used = pages * size_t(sysconf(_SC_PAGESIZE));
  return limit.rlim_cur - std::min<size_t>(limit.rlim_cur, used);
}

size_t usable_memory(const CgroupLimits& limits) {
  size_t bytes = physical_memory();
  if (limits.memory_bytes) bytes = std::min(bytes, *limits.memory_bytes);
  return std::min(bytes, address_space_left().value_or(bytes));
}

}  // namespace mlx::core
