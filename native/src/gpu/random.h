#pragma once

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// Threefry-2x32: bytes_per_key bytes for each of the num_keys pairs of words in keys, which lie
/// side by side; one key's bytes after another's. The CPU's bits.
void random_bits(Commands& commands, Place keys, int64_t num_keys, int64_t bytes_per_key,
                 Place out);

}  // namespace mlx::core::gpu
