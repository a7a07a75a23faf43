#include "graph/traced_graph.h"

#include <cstring>
#include <numeric>
#include <string>
#include <typeinfo>
#include <unordered_map>
#include <unordered_set>

#include "graph/graph_walk.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "primitives/custom.h"

namespace mlx::core {
namespace {

/// Constants up to this size are compared; larger ones rarely stand twice.
constexpr size_t largest_compared_bytes = 64;

bool is_small_value(const array& a) {
  return a.is_available() && a.nbytes() <= largest_compared_bytes && a.is_on_host() &&
         a.flags().row_contiguous;
}

std::string bytes_of(const array& a) {
  return std::string(static_cast<const char*>(a.data<void>()), a.nbytes());
}

bool is_same_kind(const Primitive& a, const Primitive& b) {
  return typeid(a) == typeid(b) && a.stream() == b.stream();
}

class Recorder {
 public:
  Recorder(const std::vector<array>& placeholders, bool simplify,
           const std::function<bool(const array&)>& belongs)
      : simplify_(simplify), belongs_(belongs) {
    graph_.inputs = uint32_t(placeholders.size());
    for (auto& placeholder : placeholders) {
      numbers_.emplace(placeholder.id(), uint32_t(graph_.values.size()));
      dependent_.insert(placeholder.id());
      graph_.values.push_back({placeholder.shape(), placeholder.dtype()});
    }
  }

  TracedGraph record(const std::vector<array>& outputs) {
    auto order = topological_order(outputs, [&](const array& a) {
      return a.status() == array::unscheduled && !dependent_.count(a.id());
    });
    find_dependent(order);
    // Constants stand before the nodes in the numbering, so they are all found first.
    for (auto& node : order)
      if (is_dependent(node))
        for (auto& input : node.inputs()) add_constant(input);
    for (auto& output : outputs) add_constant(output);
    for (auto& node : order)
      if (is_dependent(node)) add_node(node);
    for (auto& output : outputs) graph_.outputs.push_back(numbers_.at(output.id()));
    return std::move(graph_);
  }

 private:
  bool is_dependent(const array& a) const { return dependent_.count(a.id()) > 0; }

  void find_dependent(const std::vector<array>& order) {
    for (auto& node : order) {
      bool reached = belongs_ && belongs_(node);
      for (auto& input : node.inputs()) reached |= is_dependent(input);
      if (!reached) continue;
      for (auto& output : node.outputs()) dependent_.insert(output.id());
    }
  }

  void add_constant(const array& a) {
    if (is_dependent(a) || numbers_.count(a.id())) return;
    uint32_t number = uint32_t(graph_.values.size());
    if (simplify_ && is_small_value(a)) {
      auto& equals = small_constants_[bytes_of(a)];
      for (uint32_t other : equals) {
        auto& value = graph_.values[other];
        if (value.dtype == a.dtype() && value.shape == a.shape()) {
          numbers_.emplace(a.id(), other);
          return;
        }
      }
      equals.push_back(number);
    }
    numbers_.emplace(a.id(), number);
    graph_.values.push_back({a.shape(), a.dtype()});
    graph_.constants.push_back(a);
  }

  void add_node(const array& a) {
    TracedGraph::Node node{a.primitive_ptr(), {}, 0, 0};
    node.inputs.reserve(a.inputs().size());
    for (auto& input : a.inputs()) node.inputs.push_back(numbers_.at(input.id()));
    auto outputs = a.outputs();
    if (simplify_ && a.primitive().role() == Primitive::Role::copy) {
      numbers_.emplace(a.id(), node.inputs[0]);
      return;
    }
    uint32_t first = simplify_ ? find_equal(node, outputs) : none;
    if (first == none) {
      first = uint32_t(graph_.values.size());
      node.first_output = first;
      node.outputs = uint32_t(outputs.size());
      for (auto& output : outputs) graph_.values.push_back({output.shape(), output.dtype()});
      if (simplify_) same_inputs_[key_of(node)].push_back(uint32_t(graph_.nodes.size()));
      graph_.nodes.push_back(std::move(node));
    }
    for (size_t i = 0; i < outputs.size(); ++i)
      numbers_.emplace(outputs[i].id(), first + uint32_t(i));
  }

  static uint64_t key_of(const TracedGraph::Node& node) {
    uint64_t key = typeid(*node.primitive).hash_code();
    for (uint32_t input : node.inputs) key = (key ^ input) * 0x9E3779B97F4A7C15;
    return key;
  }

  /// The first value of an earlier node that computes the same.
  uint32_t find_equal(const TracedGraph::Node& node, const std::vector<array>& outputs) const {
    auto found = same_inputs_.find(key_of(node));
    if (found == same_inputs_.end()) return none;
    for (uint32_t index : found->second) {
      auto& other = graph_.nodes[index];
      if (other.inputs == node.inputs && other.outputs == outputs.size() &&
          is_same_kind(*node.primitive, *other.primitive) && has_values(other, outputs) &&
          node.primitive->is_equivalent(*other.primitive))
        return other.first_output;
    }
    return none;
  }

  bool has_values(const TracedGraph::Node& node, const std::vector<array>& outputs) const {
    for (size_t i = 0; i < outputs.size(); ++i) {
      auto& value = graph_.values[node.first_output + i];
      if (value.dtype != outputs[i].dtype() || value.shape != outputs[i].shape()) return false;
    }
    return true;
  }

  static constexpr uint32_t none = UINT32_MAX;

  bool simplify_;
  const std::function<bool(const array&)>& belongs_;
  TracedGraph graph_;
  std::unordered_map<std::uintptr_t, uint32_t> numbers_;
  std::unordered_set<std::uintptr_t> dependent_;
  std::unordered_map<std::string, std::vector<uint32_t>> small_constants_;
  std::unordered_map<uint64_t, std::vector<uint32_t>> same_inputs_;
};

bool is_same_constant(const array& a, const array& b) {
  if (a.id() == b.id()) return true;
  auto is_dense = [](const array& x) {
    return x.is_available() && x.is_on_host() && x.flags().row_contiguous;
  };
  return a.dtype() == b.dtype() && a.shape() == b.shape() && is_dense(a) && is_dense(b) &&
         std::memcmp(a.data<void>(), b.data<void>(), a.nbytes()) == 0;
}

}  // namespace

TracedGraph record_graph(const std::vector<array>& placeholders, const std::vector<array>& outputs,
                         bool simplify, const std::function<bool(const array&)>& belongs) {
  return Recorder(placeholders, simplify, belongs).record(outputs);
}

bool infers_its_shape(const TracedGraph::Node& node) {
  // Broadcasts that know all their partners.
  return node.inputs.size() > 1 && node.primitive->role() == Primitive::Role::broadcast;
}

std::vector<array> replay_values(const TracedGraph& graph, std::vector<array> leaves,
                                 bool infer_shapes) {
  std::vector<array> values = std::move(leaves);
  values.reserve(graph.values.size());
  for (auto& node : graph.nodes) {
    std::vector<array> node_inputs;
    node_inputs.reserve(node.inputs.size());
    for (uint32_t input : node.inputs) node_inputs.push_back(values[input]);
    std::vector<Shape> shapes;
    if (infer_shapes) {
      shapes = node.primitive->output_shapes(node_inputs);
    } else {
      for (uint32_t i = 0; i < node.outputs; ++i)
        shapes.push_back(graph.values[node.first_output + i].shape);
    }
    if (node.outputs == 1) {
      values.emplace_back(std::move(shapes[0]), graph.values[node.first_output].dtype,
                          node.primitive, std::move(node_inputs));
      continue;
    }
    std::vector<Dtype> dtypes;
    for (uint32_t i = 0; i < node.outputs; ++i)
      dtypes.push_back(graph.values[node.first_output + i].dtype);
    auto outputs = array::make_arrays(std::move(shapes), dtypes, node.primitive, node_inputs);
    std::move(outputs.begin(), outputs.end(), std::back_inserter(values));
  }
  return values;
}

std::vector<array> replay_graph(const TracedGraph& graph, const std::vector<array>& inputs,
                                bool infer_shapes) {
  std::vector<array> leaves = inputs;
  leaves.insert(leaves.end(), graph.constants.begin(), graph.constants.end());
  auto values = replay_values(graph, std::move(leaves), infer_shapes);
  std::vector<array> outputs;
  outputs.reserve(graph.outputs.size());
  for (uint32_t output : graph.outputs) outputs.push_back(values[output]);
  return outputs;
}

bool has_same_structure(const TracedGraph& a, const TracedGraph& b) {
  if (a.inputs != b.inputs || a.outputs != b.outputs || a.nodes.size() != b.nodes.size() ||
      a.constants.size() != b.constants.size() || a.values.size() != b.values.size())
    return false;
  for (size_t i = 0; i < a.constants.size(); ++i)
    if (!is_same_constant(a.constants[i], b.constants[i])) return false;
  for (size_t i = 0; i < a.values.size(); ++i)
    if (a.values[i].dtype != b.values[i].dtype ||
        a.values[i].shape.size() != b.values[i].shape.size())
      return false;
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    auto &left = a.nodes[i], &right = b.nodes[i];
    if (left.inputs != right.inputs || left.outputs != right.outputs ||
        !is_same_kind(*left.primitive, *right.primitive))
      return false;
  }
  return true;
}

namespace {

bool differ_in_sizes_alone(const TracedGraph& a, const TracedGraph& b) {
  if (!has_same_structure(a, b)) return false;
  for (size_t i = 0; i < a.nodes.size(); ++i)
    if (!infers_its_shape(a.nodes[i]) &&
        !a.nodes[i].primitive->is_equivalent(*b.nodes[i].primitive))
      return false;
  return true;
}

/// Whether the graph, given the sizes of the other's inputs, gives the other's shapes.
bool infers_shapes_of(const TracedGraph& graph, const TracedGraph& other) {
  std::vector<array> leaves;
  for (uint32_t i = 0; i < graph.first_node_value(); ++i)
    leaves.push_back(array(other.values[i].shape, other.values[i].dtype, nullptr, {}));
  detail::InTracing tracing(true);
  try {
    auto values = replay_values(graph, std::move(leaves), true);
    for (size_t i = 0; i < values.size(); ++i)
      if (values[i].shape() != other.values[i].shape) return false;
  } catch (const EngineError&) {
    // A primitive without a rule for shapes.
    return false;
  }
  return true;
}

}  // namespace

bool holds_for_sizes_of(const TracedGraph& graph, const TracedGraph& other) {
  return differ_in_sizes_alone(graph, other) && infers_shapes_of(graph, other);
}

bool fits_free_axes(const Shape& shape, const Shape& traced, const std::vector<bool>& free_axes) {
  if (shape.size() != traced.size()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis] != traced[axis] && (!free_axes[axis] || shape[axis] < 2 || traced[axis] < 2))
      return false;
  return true;
}

TracedGraph without_markers(const TracedGraph& graph, bool all) {
  TracedGraph result = graph;
  std::vector<uint32_t> source(graph.values.size());
  std::iota(source.begin(), source.end(), 0);
  result.nodes.clear();
  result.values.erase(result.values.begin() + graph.first_node_value(), result.values.end());
  for (auto& node : graph.nodes) {
    std::vector<uint32_t> inputs;
    for (uint32_t input : node.inputs) inputs.push_back(source[input]);
    auto role = node.primitive->role();
    bool is_marker = role == Primitive::Role::custom_rules ||
                     dynamic_cast<const RuledArgument*>(node.primitive.get()) ||
                     (all && role == Primitive::Role::gradient_stop);
    uint32_t first = uint32_t(result.values.size());
    for (uint32_t i = 0; i < node.outputs; ++i) {
      // The values passed on are the last inputs.
      source[node.first_output + i] =
          is_marker ? inputs[inputs.size() - node.outputs + i] : first + i;
      if (!is_marker) result.values.push_back(graph.values[node.first_output + i]);
    }
    if (!is_marker) result.nodes.push_back({node.primitive, inputs, first, node.outputs});
  }
  for (uint32_t& output : result.outputs) output = source[output];
  return result;
}

array make_placeholder(const array& like) {
  array placeholder(like.shape(), like.dtype(), nullptr, {});
  placeholder.set_tracer(true);
  return placeholder;
}

}  // namespace mlx::core
