#pragma once

#include <initializer_list>
#include <tuple>
#include <type_traits>
#include <vector>

#include "graph/traced_graph.h"
#include "mlx/primitives.h"

namespace mlx::core {

// What the rules of node kinds are made of.

using Arrays = std::vector<array>;
using Axes = std::vector<int>;
using Values = std::vector<TracedGraph::Value>;

/// Throws std::invalid_argument, which the reader of the file words.
void require(bool sound, const char* what);

TracedGraph::Value value_of(const array& a);
Values values_of(const Arrays& arrays);

/// An input of a node that is checked in place of another.
array stand_in(const Shape& shape, Dtype dtype);

/// The shape without the last axes, which must be there.
Shape leading(const Shape& shape, size_t without);
Shape joined(Shape shape, std::initializer_list<int> last);

/// Whether parameters must be the same too, or are numbers that fit any inputs.
enum class Parameters { compared, free };

/// The values of what the operation that makes such nodes made. It must be this very node, with no
/// input converted first, or the input if there was nothing to do.
Values same_node(const Primitive& primitive, const Arrays& inputs, const Arrays& made,
                 Parameters parameters = Parameters::compared);

/// The rule of kinds whose operation takes the inputs and then the parameters in order.
template <typename Operation>
auto made_by(Operation operation, Parameters compared = Parameters::compared) {
  return [=](const auto& node, const Arrays& in) {
    auto call = [&](const auto&... parameters) { return operation(in, parameters...); };
    auto made = std::apply(call, node.parameters());
    if constexpr (std::is_same_v<decltype(made), array>) {
      return same_node(node, in, {made}, compared);
    } else {
      return same_node(node, in, made, compared);
    }
  };
}

}  // namespace mlx::core
