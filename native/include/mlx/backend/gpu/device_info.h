#pragma once

#include <string>
#include <unordered_map>
#include <variant>

#include "mlx/api.h"

namespace mlx::core::gpu {

/// Whether there is a GPU that this build can compute with.
MLX_API bool is_available();
MLX_API int device_count();
/// Facts about one, as device_info has them; empty for one that isn't there.
MLX_API const std::unordered_map<std::string, std::variant<std::string, size_t>>& device_info(
    int device_index = 0);

}  // namespace mlx::core::gpu
