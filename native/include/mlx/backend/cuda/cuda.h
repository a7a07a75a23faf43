#pragma once

#include "mlx/api.h"

namespace mlx::core::cu {

/// Whether this machine and this build can compute with CUDA.
MLX_API bool is_available();

}  // namespace mlx::core::cu
