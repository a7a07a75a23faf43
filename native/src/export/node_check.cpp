#include "export/node_check.h"

#include <algorithm>
#include <iterator>

#include "export/node_kinds.h"
#include "export/node_rule.h"

namespace mlx::core {

Arrays replay_checked_values(const TracedGraph& graph, Arrays leaves) {
  Arrays values = std::move(leaves);
  values.reserve(graph.values.size());
  for (auto& node : graph.nodes) {
    Arrays inputs;
    for (uint32_t input : node.inputs) inputs.push_back(values[input]);
    auto& kind = node_kind_of(*node.primitive);
    auto outputs = kind.check(*node.primitive, inputs, graph.values[node.first_output].dtype);
    require(outputs.size() == node.outputs, "the number of a node's outputs");
    std::vector<Shape> shapes;
    std::vector<Dtype> dtypes;
    for (uint32_t i = 0; i < node.outputs; ++i) {
      require(outputs[i].dtype == graph.values[node.first_output + i].dtype, "a node's dtype");
      shapes.push_back(outputs[i].shape);
      dtypes.push_back(outputs[i].dtype);
    }
    auto made = array::make_arrays(std::move(shapes), dtypes, node.primitive, inputs);
    std::move(made.begin(), made.end(), std::back_inserter(values));
  }
  return values;
}

}  // namespace mlx::core
