#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// Vectors of features, one after another in each of many rows.
struct RopeArgs {
  /// The rows' axes, then positions and features.
  StridedPlace x;
  /// The position of each row's first vector, in int32, over the rows' axes; or one for all that
  /// the host knows.
  StridedPlace offset;
  const void* offset_value = nullptr;
  /// How many features turn, in pairs that are neighbours or lie dims / 2 apart.
  int dims;
  bool traditional;
  /// Angles are divided by its powers, or by dims / 2 numbers in float32 that lie side by side.
  float base;
  Place frequencies;
  float scale;
  /// Turns back.
  bool inverse;
};

/// Turns each pair of features i at a position p by p * scale / frequencies[i], row-contiguous.
void rope(Commands& commands, const RopeArgs& args, Place out);

}  // namespace mlx::core::gpu
