#include "runtime/cpu_count.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace mlx::core {

namespace {

int cpus_by_affinity() {
#ifdef __linux__
  // The kernel refuses masks that are shorter than its own.
  for (int size = 1024; size <= (1 << 20); size *= 2) {
    cpu_set_t* set = CPU_ALLOC(size);
    if (!set) break;
    size_t bytes = CPU_ALLOC_SIZE(size);
    int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (count > 0) return count;
  }
#endif
  return std::max(1, int(std::thread::hardware_concurrency()));
}

}  // namespace

int usable_cpus(const CgroupLimits& limits) {
  int cpus = cpus_by_affinity();
  if (limits.cpus && *limits.cpus < cpus) cpus = int(std::ceil(*limits.cpus));
  return std::max(1, cpus);
}

int thread_count(const char* wanted, int cpus) {
  cpus = std::min(cpus, max_threads);
  if (!wanted || !*wanted) return cpus;
  char* end;
  long count = std::strtol(wanted, &end, 10);
  if (*end == '\0' && count >= 1 && count <= max_threads) return int(count);
  std::fprintf(stderr, "mlx: MLX_NUM_THREADS is \"%s\", not a number from 1 to %d; using %d.\n",
               wanted, max_threads, cpus);
  return cpus;
}

}  // namespace mlx::core
