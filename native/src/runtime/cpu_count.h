#pragma once

#include "runtime/cgroup.h"

namespace mlx::core {

/// CPUs the process may use at once: those it may run on, and no more than the cgroup's quota
/// (rounded up); at least 1.
int usable_cpus(const CgroupLimits& limits = read_cgroup_limits());

constexpr int max_threads = 1024;
/// Threads to compute with, given the value of MLX_NUM_THREADS (null or empty: not set). What is no
/// number from 1 to max_threads is said on stderr and ignored.
int thread_count(const char* wanted, int cpus);

}  // namespace mlx::core
