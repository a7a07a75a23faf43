#pragma once

#include <map>
#include <string>
#include <vector>

#include "mlx/array.h"

namespace mlx::core::einsum_detail {

/// The index of an axis: a letter, or -1, -2, ... for the axes of an ellipsis from the last on.
using Label = int;
using Labels = std::vector<Label>;

/// Subscripts that were checked against the operands' shapes.
struct Subscripts {
  /// One label for each axis of each operand.
  std::vector<Labels> inputs;
  Labels output;
  std::map<Label, int> sizes;
};

/// Throws std::invalid_argument and ShapeError as einsum says.
Subscripts parse_subscripts(const char* name, const std::string& text,
                            const std::vector<array>& operands);

bool contains(const Labels& labels, Label label);
/// The labels as a user writes them.
std::string label_text(const Labels& labels);

}  // namespace mlx::core::einsum_detail
