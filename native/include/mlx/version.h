#pragma once

#include "mlx/api.h"

// The version of MLX whose API this is.
#define MLX_VERSION_MAJOR 0
#define MLX_VERSION_MINOR 32
#define MLX_VERSION_PATCH 0
#define MLX_VERSION_NUMERIC \
  (100000 * MLX_VERSION_MAJOR + 1000 * MLX_VERSION_MINOR + MLX_VERSION_PATCH)

namespace mlx::core {

/// The same as text: "0.32.0".
MLX_API const char* version();

}  // namespace mlx::core
