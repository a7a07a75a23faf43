#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fibers.h"

namespace mlx::core::gpu::emulator {

/// The entries of kernels, compiled by the host's C++ compiler into shared libraries: one library
/// for all sources that have the same bodies. Libraries stay in the folder for temporary files, by
/// a hash of their text, and serve later runs.
std::vector<EntryPoint> compile_on_host(std::span<const KernelSource> sources);

/// A file in that folder by the hash of a text; without its extension.
std::filesystem::path kept_file(const std::string& text);

bool has_host_compiler();

}  // namespace mlx::core::gpu::emulator
