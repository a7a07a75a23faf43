#pragma once

#include "mlx/array.h"

namespace mlx::core {

/// The requested shape with its -1, if it has one, replaced by what is left of the array. Throws
/// ShapeError naming the operation when the sizes differ.
Shape infer_shape(const char* op, const Shape& from, Shape requested);

/// The product of the sizes from first to last, both included; ShapeError beyond int32.
int joined_size(const char* op, const Shape& shape, int first, int last);

}  // namespace mlx::core
