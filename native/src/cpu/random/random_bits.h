#pragma once

#include <cstddef>
#include <cstdint>

namespace mlx::core::cpu {

/// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3", 2011): bytes_per_key bytes for each of the num_keys pairs of words in keys, one
/// key's bytes after another's. Draws of width 1, 2 and 4 are those bytes in order.
void random_bits(const uint32_t* keys, size_t num_keys, size_t bytes_per_key, void* out);

}  // namespace mlx::core::cpu
