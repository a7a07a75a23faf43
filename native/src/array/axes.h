#pragma once

#include <string>
#include <vector>

namespace mlx::core {

// What normalize_axis_index and normalize_axes do, for the operations in which MLX throws
// std::out_of_range for an axis that isn't there.

int axis_in_range(int axis, int ndim, const std::string& message_prefix);
std::vector<int> axes_in_range(const std::vector<int>& axes, int ndim,
                               const std::string& message_prefix);

}  // namespace mlx::core
