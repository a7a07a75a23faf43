#include "primitives/matrix_function.h"

#include "primitives/mapped_axis.h"

namespace mlx::core {

std::pair<std::vector<array>, std::vector<int>> MatrixFunction::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  // What isn't mapped has one axis less, and is broadcast like any batch.
  std::vector<array> moved;
  for (size_t i = 0; i < inputs.size(); ++i)
    moved.push_back(mapped_axis_first(inputs[i], axes[i], stream()));
  auto outputs = apply(moved);
  std::vector<int> first(outputs.size(), 0);
  return {std::move(outputs), std::move(first)};
}

std::vector<Shape> MatrixFunction::output_shapes(const std::vector<array>& inputs) {
  std::vector<Shape> shapes;
  for (auto& output : apply(inputs)) shapes.push_back(output.shape());
  return shapes;
}

}  // namespace mlx::core
