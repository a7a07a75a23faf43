#pragma once

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// Pairs of words that lie side by side. One that the host knows goes into the launch by value.
struct RandomKeys {
  Place place;
  int64_t count = 1;
  const void* value = nullptr;
};

/// Threefry-2x32: bytes_per_key bytes for each key, one key's after another's. The CPU's bits.
void random_bits(Commands& commands, const RandomKeys& keys, int64_t bytes_per_key, Place out);

/// Weights of categories in contiguous rows of float32.
struct Categories {
  Place weights;
  int64_t rows, count;
};

/// For each of a row's draws u in [0, 1) the last category whose predecessors weigh no more than u
/// of the whole, in uint32. Sums of weights are kept in two float32.
void categorical_search(Commands& commands, const Categories& categories, Place draws,
                        int64_t draws_a_row, Place out);

}  // namespace mlx::core::gpu
