#pragma once

#include <cstddef>
#include <cstdint>

#include "gpu/hal.h"

namespace mlx::core::gpu::emulator {

/// The struct of kernels/group.h.
struct Group {
  uint32_t tgid[3], tid[3], size[3];
  uint32_t lane, simd;
};

using EntryPoint = void (*)(void* const* arguments, const Group& group);

/// What a kernel calls; the compiled library has a pointer to these.
struct Services {
  void (*group_barrier)();
  void (*exchange)(const void* value, void* result, size_t bytes, uint32_t from_lane);
  uint32_t (*lane)();
};
const Services& services();

/// Runs groups one after another on the calling thread. Every thread that waits for others is a
/// fiber. Throws EngineError where a barrier, or an exchange in a simdgroup, is not reached by all.
void run_groups(EntryPoint entry, void* const* arguments, Size3 groups, Size3 threads);

}  // namespace mlx::core::gpu::emulator
