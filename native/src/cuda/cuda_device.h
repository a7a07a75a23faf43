#pragma once

#include <string>

#include "gpu/hal.h"

namespace mlx::core::cuda {

/// How many cards the driver has; 0 without a driver. Loads the driver at the first call.
int device_count();

/// A card by its number. Made at the first call, context and all, and never destroyed. Throws
/// EngineError with the reason where there is none.
gpu::Device& device(int ordinal);

/// Why there is no card, in a sentence; empty where there is one.
std::string why_unavailable();

}  // namespace mlx::core::cuda
