#pragma once

#include <functional>
#include <unordered_set>
#include <vector>

#include "mlx/array.h"

namespace mlx::core {

/// A function's trace: what vjp and jvp walk, backwards and forwards.
struct DerivativeTrace {
  /// Stand-ins for the primals.
  std::vector<array> inputs;
  std::vector<array> outputs;
  /// Nodes on a differentiable path from the inputs, inputs before users.
  std::vector<array> tape;
  /// Ids of the inputs that are differentiated and of the tape's nodes.
  std::unordered_set<std::uintptr_t> differentiable;

  /// Which of a node's inputs lie on such a path.
  std::vector<int> differentiable_inputs(const array& node) const;
};

/// Calls fun on stand-ins for the primals and finds the paths from primals[argnums]. Must stand
/// inside an InTracing scope.
DerivativeTrace trace_derivative(
    const std::function<std::vector<array>(const std::vector<array>&)>& fun,
    const std::vector<array>& primals, const std::vector<int>& argnums);

}  // namespace mlx::core
