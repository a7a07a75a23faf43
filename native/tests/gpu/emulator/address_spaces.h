#pragma once

#include <string>

#include "gpu/hal.h"

namespace mlx::core::gpu::emulator {

/// Whether this machine has a clang that knows address spaces.
bool can_check_address_spaces();

/// What is wrong, by clang's words, with a kernel's text for the emulator when `device`,
/// `threadgroup` and `constant` are spaces of their own, as Metal's compiler has them; empty where
/// nothing is wrong. The host's compiler takes them for nothing. MLX_CHECK_ADDRESS_SPACES=1 has
/// every kernel that the emulator compiles checked.
std::string check_address_spaces(const KernelSource& source);

}  // namespace mlx::core::gpu::emulator
