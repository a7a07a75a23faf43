#pragma once

#include <optional>
#include <vector>

#include "transforms/traced_graph.h"

namespace mlx::core {

/// An axis of an input.
struct InputAxis {
  uint32_t input, axis;
};

/// An integer among the parameters of a trace's node that grows with sizes of the inputs.
struct SizeRule {
  /// So many times the growth of one axis, or the product of the growths of two.
  struct Term {
    std::vector<InputAxis> axes;
    int64_t factor;
  };
  uint32_t node;
  /// Among the node's integers.
  uint32_t position;
  std::vector<Term> terms;
};

/// An integer that another trace of the function, for other sizes, has different.
struct SizeDifference {
  uint32_t node, position;
  int64_t by;
};

/// The integers that differ between two traces; nothing if they differ in more.
std::optional<std::vector<SizeDifference>> size_differences(const TracedGraph& graph,
                                                            const TracedGraph& other);

/// The graph for inputs of some shapes. Throws std::invalid_argument when an integer leaves its
/// range.
TracedGraph for_sizes(const TracedGraph& graph, const std::vector<SizeRule>& rules,
                      const std::vector<Shape>& inputs);

/// Whether the graph, for the sizes of the other's inputs, is the other.
bool predicts(const TracedGraph& graph, const std::vector<SizeRule>& rules,
              const TracedGraph& other);

}  // namespace mlx::core
