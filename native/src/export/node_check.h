#pragma once

#include <vector>

#include "graph/traced_graph.h"

namespace mlx::core {

/// replay_values with inferred shapes, where each node is checked by the rule of its kind. Throws
/// what rules throw, and std::invalid_argument where the dtypes are not those of the graph.
std::vector<array> replay_checked_values(const TracedGraph& graph, std::vector<array> leaves);

}  // namespace mlx::core
