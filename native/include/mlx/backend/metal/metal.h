#pragma once

#include <string>
#include <unordered_map>
#include <variant>

#include "mlx/api.h"

namespace mlx::core::metal {

/// Whether this machine and this build can compute with Metal.
MLX_API bool is_available();

/// What is known about the GPU; throws EngineError where Metal is not available, as do the next.
MLX_API const std::unordered_map<std::string, std::variant<std::string, size_t>>& device_info();

/// Where the kernels' library lies for programs that bring their own; empty for the built-in one.
/// Kernels here are compiled when they first run, so the path is only remembered.
MLX_API std::string get_metallib_path();
MLX_API void set_metallib_path(const std::string& path);

/// Records GPU work into a file for Xcode, until stop_capture.
MLX_API void start_capture(std::string path = "");
MLX_API void stop_capture();

}  // namespace mlx::core::metal
