#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "mlx/array.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// A function as a list of operations on numbered values: what remains of a trace once its arrays
/// are gone. The inputs are values 0 to inputs - 1, then come the constants, then the results of
/// the nodes in the order in which they run.
struct TracedGraph {
  struct Value {
    Shape shape;
    Dtype dtype;
  };
  struct Node {
    std::shared_ptr<Primitive> primitive;
    std::vector<uint32_t> inputs;
    uint32_t first_output;
    uint32_t outputs;
  };

  uint32_t inputs = 0;
  std::vector<array> constants;
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<uint32_t> outputs;

  uint32_t first_node_value() const { return inputs + uint32_t(constants.size()); }
};

/// Records what leads from placeholders to outputs. Nodes that no output needs are left out, those
/// that no input reaches become constants. With `simplify`, equal nodes and constants become one
/// and copies disappear.
///
/// Nodes for which `belongs` says so are part of the graph although no input reaches them: sizes
/// may have gone into them.
TracedGraph record_graph(const std::vector<array>& placeholders, const std::vector<array>& outputs,
                         bool simplify, const std::function<bool(const array&)>& belongs = nullptr);

/// Builds the graph again on other inputs. With `infer_shapes` they may have other sizes; without,
/// shapes must be those of the trace.
std::vector<array> replay_graph(const TracedGraph& graph, const std::vector<array>& inputs,
                                bool infer_shapes);

/// The same with all values, in the graph's numbering; `leaves` are the inputs, then the constants.
std::vector<array> replay_values(const TracedGraph& graph, std::vector<array> leaves,
                                 bool infer_shapes);

/// Whether two traces have the same nodes, constants and dtypes, and arrays of the same ranks.
/// Parameters of nodes aren't compared.
bool has_same_structure(const TracedGraph& a, const TracedGraph& b);

/// A node that takes its shape from its inputs, so that its parameters don't matter.
bool infers_its_shape(const TracedGraph::Node& node);

/// Whether a trace, run on the other's inputs, would do what the other does: they differ in the
/// sizes of their values alone, and no parameter or constant tells from which sizes it was made.
bool holds_for_sizes_of(const TracedGraph& graph, const TracedGraph& other);

/// Whether an input of a shape may stand where a trace had another, if the trace holds for any size
/// of the free axes. Sizes 0 and 1 have meanings of their own.
bool fits_free_axes(const Shape& shape, const Shape& traced, const std::vector<bool>& free_axes);

/// The graph without the rules of custom functions, whose derivatives are then their formulas' own;
/// and, with `all`, without any node that only passes values on for the sake of derivatives.
TracedGraph without_markers(const TracedGraph& graph, bool all);

/// An array without values that stands for an input of a trace.
array make_placeholder(const array& like);

}  // namespace mlx::core
