#include "transforms/export/size_rules.h"

#include <stdexcept>
#include <unordered_map>

#include "transforms/export/node_check.h"
#include "transforms/export/node_kinds.h"

namespace mlx::core {
namespace {

/// Adds the growth that a term stands for.
void add_term(int64_t& sum, const SizeRule::Term& term, const TracedGraph& graph,
              const std::vector<Shape>& inputs) {
  int64_t product = term.factor;
  bool overflows = false;
  for (auto [input, axis] : term.axes) {
    int64_t growth = int64_t(inputs[input][axis]) - graph.values[input].shape[axis];
    overflows |= __builtin_mul_overflow(product, growth, &product);
  }
  if (overflows || __builtin_add_overflow(sum, product, &sum))
    throw std::invalid_argument("a size out of range");
}

std::vector<Shape> input_shapes(const TracedGraph& graph) {
  std::vector<Shape> shapes;
  for (uint32_t i = 0; i < graph.inputs; ++i) shapes.push_back(graph.values[i].shape);
  return shapes;
}

}  // namespace

std::optional<std::vector<SizeDifference>> size_differences(const TracedGraph& graph,
                                                            const TracedGraph& other) {
  if (!has_same_structure(graph, other)) return std::nullopt;
  std::vector<SizeDifference> differences;
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    auto &left = graph.nodes[i], &right = other.nodes[i];
    if (infers_its_shape(left) || left.primitive->is_equivalent(*right.primitive)) continue;
    auto& kind = node_kind_of(*left.primitive);
    auto before = kind.integers(*left.primitive), after = kind.integers(*right.primitive);
    if (before.size() != after.size() ||
        !kind.with_integers(*left.primitive, after)->is_equivalent(*right.primitive))
      return std::nullopt;
    for (uint32_t position = 0; position < before.size(); ++position)
      if (before[position] != after[position])
        differences.push_back({i, position, after[position] - before[position]});
  }
  return differences;
}

TracedGraph for_sizes(const TracedGraph& graph, const std::vector<SizeRule>& rules,
                      const std::vector<Shape>& inputs) {
  TracedGraph result = graph;
  std::unordered_map<uint32_t, std::vector<int64_t>> integers;
  for (auto& rule : rules) {
    const Primitive& primitive = *graph.nodes[rule.node].primitive;
    auto& of_node =
        integers.try_emplace(rule.node, node_kind_of(primitive).integers(primitive)).first->second;
    for (auto& term : rule.terms) add_term(of_node.at(rule.position), term, graph, inputs);
  }
  for (auto& [node, values] : integers) {
    auto& primitive = result.nodes[node].primitive;
    primitive = node_kind_of(*primitive).with_integers(*primitive, values);
  }
  return result;
}

bool predicts(const TracedGraph& graph, const std::vector<SizeRule>& rules,
              const TracedGraph& other) {
  if (!has_same_structure(graph, other)) return false;
  TracedGraph predicted = for_sizes(graph, rules, input_shapes(other));
  for (size_t i = 0; i < other.nodes.size(); ++i)
    if (!infers_its_shape(other.nodes[i]) &&
        !predicted.nodes[i].primitive->is_equivalent(*other.nodes[i].primitive))
      return false;
  std::vector<array> leaves;
  for (uint32_t i = 0; i < other.first_node_value(); ++i)
    leaves.push_back(array(other.values[i].shape, other.values[i].dtype, nullptr, {}));
  auto values = replay_checked_values(predicted, std::move(leaves));
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].shape() != other.values[i].shape) return false;
  return true;
}

}  // namespace mlx::core
