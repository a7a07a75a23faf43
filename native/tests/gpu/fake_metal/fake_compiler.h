#pragma once

#include <map>
#include <string>
#include <vector>

#include "../emulator/fibers.h"

namespace fake_metal {

/// A kernel of a library, as the host can call it.
struct HostKernel {
  mlx::core::gpu::emulator::EntryPoint entry;
  /// By index of the table of buffers: what the kernel says it is for.
  enum class Use { none, reads, writes, value };
  std::vector<Use> buffers;
  uint64_t max_threads = 1024;
};

/// Where a kernel finds the number of groups, behind its buffers.
inline constexpr size_t groups_argument = 31;

/// All kernels of a text in Metal's language. Throws EngineError with the compiler's words.
std::map<std::string, HostKernel> compile_library(const std::string& text);

}  // namespace fake_metal
