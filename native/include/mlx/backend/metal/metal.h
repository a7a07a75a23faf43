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

/// Records GPU work into a file for Xcode, until stop_capture.
MLX_API void start_capture(std::string path = "");
MLX_API void stop_capture();

}  // namespace mlx::core::metal
