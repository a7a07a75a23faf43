#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace mlx::core {

/// What Linux's control groups, version 1 or 2, leave this process.
struct CgroupLimits {
  std::optional<size_t> memory_bytes;
  /// May be fractional.
  std::optional<double> cpus;
};

/// Reads the limits of the process's group and all groups above it; empty where there are none or
/// on other systems. `proc_self` is the directory with the files "cgroup" and "mountinfo".
CgroupLimits read_cgroup_limits(const std::string& proc_self = "/proc/self");

}  // namespace mlx::core
