#pragma once

#include <string>

#include "metal/metal_device.h"

namespace mlx::core::metal {

/// Compares the types of all messages with the system's, then lets a kernel of each family compute
/// what is known to the bit. Empty when all agree; otherwise what doesn't, in a sentence.
std::string self_test(MetalDevice& device);

/// The system's types of all messages, a line each: for reports from machines that we don't have.
std::string list_messages(MetalDevice& device);

}  // namespace mlx::core::metal
