#pragma once

#include <vector>

#include "transforms/traced_graph.h"

namespace mlx::core {

/// Shapes and dtypes of the outputs of a node with these inputs. Throws std::invalid_argument,
/// std::out_of_range or the operation's error unless an operation of the engine could have made the
/// node: kernels trust that parameters fit the inputs. `dtype` is that of the first output, for
/// kinds that can have any.
std::vector<TracedGraph::Value> checked_outputs(Primitive& primitive,
                                                const std::vector<array>& inputs, Dtype dtype);

/// replay_values with inferred shapes, where each node is checked. Throws also where the dtypes are
/// not those of the graph.
std::vector<array> replay_checked_values(const TracedGraph& graph, std::vector<array> leaves);

}  // namespace mlx::core
