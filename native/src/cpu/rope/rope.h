#pragma once

#include <cstdint>
#include <span>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// Vectors of features, `length` of them one after another in each of many rows.
struct RopeArgs {
  Dtype dtype;
  /// Axes of the rows.
  std::span<const int32_t> rows_shape;
  int64_t length, features;
  const void* x;
  /// One stride a row axis, then those of positions and of features, in elements.
  std::span<const int64_t> x_strides;
  /// The position of each row's first vector.
  const int32_t* offset;
  std::span<const int64_t> offset_strides;
  /// How many features turn, in pairs that are neighbours or lie dims / 2 apart.
  int64_t dims;
  bool traditional;
  /// dims / 2 numbers that angles are divided by.
  const double* frequencies;
  double scale;
  /// Turns back.
  bool inverse;
  /// Row-contiguous.
  void* out;
};

/// Turns each pair of features i at a position p by p * scale / frequencies[i].
void rope(const RopeArgs& args);

}  // namespace mlx::core::cpu
