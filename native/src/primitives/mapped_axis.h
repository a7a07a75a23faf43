#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream.h"

namespace mlx::core {

// What vmap rules share. axes[i] is the mapped axis of inputs[i], -1 where it has none.

/// The length of the mapped axis.
int mapped_axis_size(const std::vector<array>& inputs, const std::vector<int>& axes);
/// The array with its mapped axis first, or as it is.
array mapped_axis_first(const array& a, int axis, const Stream& stream);
/// The same for an array that may lack the axis: then it is repeated along a new one.
array with_mapped_axis_first(const array& a, int axis, int size, const Stream& stream);

}  // namespace mlx::core
