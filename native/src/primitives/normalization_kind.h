#pragma once

#include <cstdint>

namespace mlx::core {

/// RMS norm divides by the root of the mean square, layer norm by the standard deviation.
enum class NormalizationKind : uint8_t { rms, layer };

}  // namespace mlx::core
