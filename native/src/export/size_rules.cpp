#include "export/size_rules.h"

#include <stdexcept>
#include <unordered_map>

#include "export/node_check.h"
#include "export/node_kinds.h"

namespace mlx::core {
namespace {

int traced_size(const TracedGraph& graph, InputAxis at) {
  return graph.values[at.input].shape[at.axis];
}

/// Adds the growth that a term stands for.
void add_term(int64_t& sum, const SizeRule::Term& term, const TracedGraph& graph,
              const std::vector<FreeSize>& free, const std::vector<Shape>& inputs) {
  int64_t product = term.factor;
  bool overflows = false;
  for (uint32_t number : term.sizes) {
    InputAxis at = free[number].axes[0];
    int64_t growth = int64_t(inputs[at.input][at.axis]) - traced_size(graph, at);
    overflows |= __builtin_mul_overflow(product, growth / free[number].step, &product);
  }
  if (overflows || __builtin_add_overflow(sum, product, &sum))
    throw std::invalid_argument("a size out of range");
}

std::vector<Shape> input_shapes(const TracedGraph& graph) {
  std::vector<Shape> shapes;
  for (uint32_t i = 0; i < graph.inputs; ++i) shapes.push_back(graph.values[i].shape);
  return shapes;
}

std::vector<array> replayed(const TracedGraph& graph, const std::vector<Shape>& inputs) {
  std::vector<array> leaves;
  for (uint32_t i = 0; i < graph.first_node_value(); ++i)
    leaves.push_back(array(i < inputs.size() ? inputs[i] : graph.values[i].shape,
                           graph.values[i].dtype, nullptr, {}));
  return replay_checked_values(graph, std::move(leaves));
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

bool fits_sizes(const TracedGraph& graph, const std::vector<FreeSize>& free,
                const std::vector<Shape>& inputs) {
  size_t different = 0;
  for (uint32_t i = 0; i < graph.inputs; ++i) {
    auto& traced = graph.values[i].shape;
    if (inputs[i].size() != traced.size()) return false;
    for (size_t axis = 0; axis < traced.size(); ++axis)
      different += inputs[i][axis] != traced[axis];
  }
  for (auto& one : free) {
    auto size_of = [&](InputAxis at) { return inputs[at.input][at.axis]; };
    int size = size_of(one.axes[0]), traced = traced_size(graph, one.axes[0]);
    for (InputAxis at : one.axes)
      if (size_of(at) != size) return false;
    if (size == traced) continue;
    if (size < int64_t(one.least) || (int64_t(size) - traced) % one.step != 0) return false;
    different -= one.axes.size();
  }
  return different == 0;
}

TracedGraph for_sizes(const TracedGraph& graph, const TracedSizes& sizes,
                      const std::vector<Shape>& inputs) {
  TracedGraph result = graph;
  std::unordered_map<uint32_t, std::vector<int64_t>> integers;
  for (auto& rule : sizes.rules) {
    const Primitive& primitive = *graph.nodes[rule.node].primitive;
    auto& of_node =
        integers.try_emplace(rule.node, node_kind_of(primitive).integers(primitive)).first->second;
    for (auto& term : rule.terms)
      add_term(of_node.at(rule.position), term, graph, sizes.free, inputs);
  }
  for (auto& [node, values] : integers) {
    auto& primitive = result.nodes[node].primitive;
    primitive = node_kind_of(*primitive).with_integers(*primitive, values);
  }
  return result;
}

bool takes_sizes(const TracedGraph& graph, const TracedSizes& sizes,
                 const std::vector<Shape>& inputs) {
  try {
    replayed(for_sizes(graph, sizes, inputs), inputs);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool predicts(const TracedGraph& graph, const TracedSizes& sizes, const TracedGraph& other) {
  if (!has_same_structure(graph, other)) return false;
  auto inputs = input_shapes(other);
  TracedGraph predicted = for_sizes(graph, sizes, inputs);
  for (size_t i = 0; i < other.nodes.size(); ++i)
    if (!infers_its_shape(other.nodes[i]) &&
        !predicted.nodes[i].primitive->is_equivalent(*other.nodes[i].primitive))
      return false;
  auto values = replayed(predicted, inputs);
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].shape() != other.values[i].shape) return false;
  return true;
}

}  // namespace mlx::core
