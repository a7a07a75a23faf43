#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "access_checker.h"
#include "gpu/hal.h"

namespace mlx::core::gpu::emulator {

/// The struct of kernels/group.h.
struct Group {
  uint32_t tgid[3], tid[3], size[3];
  uint32_t lane, simd;
};

using EntryPoint = void (*)(void* const* arguments, const Group& group);

/// What a kernel calls; the compiled library has a copy of these.
struct Services {
  void (*group_barrier)();
  /// All lanes of the simdgroup come by before any goes on.
  void (*simd_barrier)();
  void (*exchange)(const void* value, void* result, size_t bytes, uint32_t from_lane);
  uint32_t (*lane)();
  /// How many threads the simdgroup has.
  uint32_t (*lanes)();
  /// The place of an array that the group's threads share; the declaration's address tells it.
  void* (*threadgroup_memory)(const void* declaration, size_t bytes, size_t alignment);
  /// An access that other threads' atomic ones may meet.
  void (*atomic_step)(const void* place, size_t bytes, bool writes);
  /// Any other access, before it happens. `code` is where.
  void (*access)(const void* place, size_t bytes, bool writes, const void* code);
};
const Services& services();

/// A launch whose accesses are checked.
struct Launch {
  EntryPoint entry;
  void* const* arguments;
  Size3 groups, threads;
  std::span<const Region> regions;
  /// Groups and threads come in one of several orders by this number.
  unsigned order = 0;
};

/// Runs groups one after another on the calling thread; every thread that waits for others is a
/// fiber. Throws EngineError, which names the kernel and the line, for what GPUs may not do: a
/// barrier or an exchange in a simdgroup that is not reached by all, more threads or threadgroup
/// memory than there are, an access that is out of bounds, undeclared, or a race.
void run_launch(const Launch& launch);
/// The same without memory that is known: only threadgroup memory is checked.
void run_groups(EntryPoint entry, void* const* arguments, Size3 groups, Size3 threads);

}  // namespace mlx::core::gpu::emulator
