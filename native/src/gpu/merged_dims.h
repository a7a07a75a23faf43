#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mlx/small_vector.h"

namespace mlx::core::gpu {

/// A shape with the strides of several operands, brought to as few dimensions as can be: those of
/// one element go, and neighbours that all operands run through as through one are joined.
struct MergedDims {
  SmallVector<int64_t, 8> shape;
  /// One vector for each operand.
  std::vector<SmallVector<int64_t, 8>> strides;

  int dims() const { return int(shape.size()); }
  int64_t size() const;
  /// The largest distance in elements of any element from the operand's first.
  int64_t reach() const;
};

MergedDims merge_dims(std::span<const int32_t> shape,
                      std::span<const std::span<const int64_t>> strides);

}  // namespace mlx::core::gpu
