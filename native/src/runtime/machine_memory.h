#pragma once

#include <cstddef>
#include <optional>

#include "runtime/cgroup.h"

namespace mlx::core {

/// Bytes of memory in this machine.
size_t physical_memory();
/// What the process may still map where its address space is limited (RLIMIT_AS).
std::optional<size_t> address_space_left();

/// Bytes that this process may use: physical memory, or the cgroup's limit if that is less.
size_t usable_memory(const CgroupLimits& limits = read_cgroup_limits());

}  // namespace mlx::core
