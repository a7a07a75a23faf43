#pragma once

#include <cstdint>

namespace mlx::core {

/// 64 bits from the system, other ones at each call.
uint64_t random_seed();

}  // namespace mlx::core
