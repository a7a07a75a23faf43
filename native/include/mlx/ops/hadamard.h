#pragma once

#include <optional>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// Multiplies the last axis with a Hadamard matrix, scaled by 1 / sqrt(n) unless a scale is given.
/// Its size n is m * 2^k with m = 1, 12, 20 or 28, and the matrix is H_m (x) H_2^k.
MLX_API array hadamard_transform(const array& a, std::optional<float> scale = std::nullopt,
                                 StreamOrDevice s = {});

}  // namespace mlx::core
