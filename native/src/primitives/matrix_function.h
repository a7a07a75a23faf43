#pragma once

#include <utility>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// The base of functions of the matrices in the last two axes, for which every other axis, a mapped
/// one too, is a batch.
class MatrixFunction : public Primitive {
 public:
  using Primitive::Primitive;

  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

  /// The function of other inputs, as a new node.
  virtual std::vector<array> apply(const std::vector<array>& inputs) = 0;
};

}  // namespace mlx::core
