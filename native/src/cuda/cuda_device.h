#pragma once

#include <string>

#include "gpu/hal.h"
#include "mlx/device.h"

namespace mlx::core::cuda {

/// How many cards the driver has; 0 without a driver. Loads the driver at the first call.
int device_count();

/// Facts about a card, which need no context on it; none where there is no such card.
DeviceInfo device_info(int ordinal);

/// A card by its number. Made at the first call, context and all, and never destroyed. Throws
/// EngineError with the reason where there is none.
gpu::Device& device(int ordinal);

/// Why there is no card, in a sentence; empty where there is one.
std::string why_unavailable();

}  // namespace mlx::core::cuda
