#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "fake_objc.h"

// Metal on the emulator of tests/gpu/emulator, behind the fake Objective-C runtime: libraries are
// the kernels' very text, compiled by the host's compiler; command buffers run late, on a thread of
// their queue, and kernels between two barriers in any order. A kernel that touches what another
// one in the same pass or an unordered one writes, without a barrier or fence between them, ends
// the process; so does every use of the API that Metal's own validation layer would report.
namespace fake_metal {

/// All functions that src/metal looks for.
void* find_symbol(const char* name);

/// What the device is like, and what goes wrong. Set before it is used.
struct Behaviour {
  /// A command buffer begins up to so many microseconds late.
  int most_delay = 300;
  bool has_device = true;
  bool is_apple_gpu = true;
  bool has_unified_memory = true;
  /// macOS 15: math modes and residency sets.
  bool is_macos_15 = true;
  /// Bytes that buffers may have; past them no more are made.
  size_t capacity = size_t(1) << 34;
  uint64_t simd_width = 32;
  /// The command buffer of that number from now on fails: 1 is the next; 0 for none.
  int fails_at = 0;
  long error_code = 2;
  bool libraries_fail = false;
  bool pipelines_fail = false;
  bool functions_fail = false;
  bool queues_fail = false;
  bool captures_fail = false;
  /// Kernels whose name begins so write one wrong bit.
  std::string wrong_kernel;
};
Behaviour& behaviour();
/// As it is at first, with methods of their right types.
void reset();

/// What was done since the process began.
struct Counts {
  uint64_t command_buffers, passes, dispatches, barriers, wired_bytes;
};
Counts counts();

}  // namespace fake_metal
