#pragma once

#include <optional>
#include <vector>

#include "graph/traced_graph.h"

namespace mlx::core {

/// An axis of an input.
struct InputAxis {
  uint32_t input, axis;
};

/// Axes of inputs that may have another size than in the trace, always one together.
struct FreeSize {
  std::vector<InputAxis> axes;
  /// Other sizes are so many steps away, as where a size must be even.
  uint32_t step, least;
};

/// An integer among the parameters of a trace's node that grows with sizes of the inputs.
struct SizeRule {
  /// So many times the steps that one free size grows, or the product of the steps of two.
  struct Term {
    std::vector<uint32_t> sizes;
    int64_t factor;
  };
  uint32_t node;
  /// Among the node's integers.
  uint32_t position;
  std::vector<Term> terms;
};

/// What a trace may be used for beside the sizes that it was made for.
struct TracedSizes {
  std::vector<FreeSize> free;
  std::vector<SizeRule> rules;
};

/// An integer that another trace of the function, for other sizes, has different.
struct SizeDifference {
  uint32_t node, position;
  int64_t by;
};

/// The integers that differ between two traces; nothing if they differ in more.
std::optional<std::vector<SizeDifference>> size_differences(const TracedGraph& graph,
                                                            const TracedGraph& other);

/// Whether inputs of these shapes differ from the trace's in free sizes only.
bool fits_sizes(const TracedGraph& graph, const std::vector<FreeSize>& free,
                const std::vector<Shape>& inputs);

/// The graph for inputs of some shapes. Throws std::invalid_argument when an integer leaves its
/// range.
TracedGraph for_sizes(const TracedGraph& graph, const TracedSizes& sizes,
                      const std::vector<Shape>& inputs);

/// Whether the graph's nodes take inputs of these shapes.
bool takes_sizes(const TracedGraph& graph, const TracedSizes& sizes,
                 const std::vector<Shape>& inputs);

/// Whether the graph, for the sizes of the other's inputs, is the other.
bool predicts(const TracedGraph& graph, const TracedSizes& sizes, const TracedGraph& other);

}  // namespace mlx::core
