#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mlx::core::gpu {

/// What a compiled CUDA kernel takes of a multiprocessor.
struct KernelResources {
  uint32_t registers = 0;
  /// Of each thread's own memory: registers that were spilled, and arrays with computed indices.
  uint32_t local_bytes = 0;
};

/// Read from the binary that NVIDIA's compiler makes: an ELF file whose section .nv.info has a
/// number for each function and kind. Throws std::runtime_error where it has no such kernel.
KernelResources resources_of(std::string_view binary, std::string_view kernel);

/// A sentence about a kernel that takes more than it is allowed; empty where it doesn't.
std::string excess_of(const std::string& kernel, const std::string& architecture,
                      const KernelResources& resources);

}  // namespace mlx::core::gpu
