#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// Products of arrays summed over indices, by Einstein's convention: "ij,jk->ik" is a matrix
/// product. A letter that stands twice in one operand takes its diagonal; "..." stands for axes
/// without letters, which are broadcast; without "->" the result has the "..." axes and then the
/// letters that occur once, in alphabetical order. Axes of size 1 are broadcast. The dtype is the
/// operands' common one. Throws std::invalid_argument for subscripts that make no sense and
/// ShapeError for operands that don't fit them.
MLX_API array einsum(const std::string& subscripts, const std::vector<array>& operands,
                     StreamOrDevice s = {});

/// The order in which einsum contracts the operands, and a description of its cost. Each step
/// names the operands that it replaces, by their positions in the list that the steps before left;
/// the result is appended to the list.
MLX_API std::pair<std::vector<std::vector<int>>, std::string> einsum_path(
    const std::string& subscripts, const std::vector<array>& operands);

}  // namespace mlx::core
