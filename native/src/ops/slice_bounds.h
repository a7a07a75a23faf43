#pragma once

#include "mlx/array.h"

namespace mlx::core {

/// A slice after Python's rules for negative and distant values were applied.
struct SliceBounds {
  Shape start;
  Shape strides;
  /// The shape of the slice.
  Shape shape;
};

/// Throws std::invalid_argument naming the operation for a stride of 0 or wrong numbers of values.
SliceBounds slice_bounds(const char* op, const Shape& shape, const Shape& start, const Shape& stop,
                         const Shape& strides);

}  // namespace mlx::core
