#pragma once

#include <string>
#include <unordered_map>
#include <variant>

#include "mlx/api.h"

namespace mlx::core::cu {

/// Whether this machine and this build can compute with CUDA.
MLX_API bool is_available();
/// Facts about a card; empty for one that isn't there.
MLX_API const std::unordered_map<std::string, std::variant<std::string, size_t>>& device_info(
    int device_index = 0);

}  // namespace mlx::core::cu
