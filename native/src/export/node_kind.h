#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeindex>
#include <vector>

#include "export/byte_stream.h"
#include "graph/traced_graph.h"
#include "mlx/export.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// How many inputs nodes of a kind have.
struct InputCount {
  InputCount(size_t count) : least(count), most(count) {}
  InputCount(size_t least, size_t most) : least(least), most(most) {}

  size_t least, most;
};

constexpr size_t any_number = 1 << 16;

/// One kind of node that files may hold: its name there, its parameters as bytes and for callbacks,
/// and the check of one that was read.
struct NodeKind {
  const char* name;
  std::type_index type;
  InputCount inputs;
  void (*write)(ByteWriter&, const Primitive&);
  std::shared_ptr<Primitive> (*read)(ByteReader&, const Stream&);
  std::vector<StateT> (*list)(const Primitive&);
  /// The integers among the parameters, in order, and a node like another but for them. Throws
  /// std::invalid_argument for an integer that is out of range.
  std::vector<int64_t> (*integers)(const Primitive&);
  std::shared_ptr<Primitive> (*with_integers)(const Primitive&, const std::vector<int64_t>&);
  /// Shapes and dtypes of the outputs of a node with these inputs. Throws std::invalid_argument,
  /// std::out_of_range or the operation's error unless an operation of the engine could have made
  /// the node: kernels trust that parameters fit the inputs. The dtype is that of the first output,
  /// for kinds that can have any.
  std::function<std::vector<TracedGraph::Value>(Primitive&, const std::vector<array>&, Dtype)>
      check;
};

namespace node_kind_parts {

template <typename Kind>
auto parameters_of(const Primitive& primitive) {
  return static_cast<const Kind&>(primitive).parameters();
}

template <typename Kind, typename... T>
std::shared_ptr<Primitive> read(ByteReader& in, const Stream& stream, std::tuple<T...>*) {
  // Braces: from left to right.
  std::tuple<std::remove_cvref_t<T>...> values{in.read<std::remove_cvref_t<T>>()...};
  return std::apply(
      [&](auto&... value) { return std::make_shared<Kind>(stream, std::move(value)...); }, values);
}

template <typename T>
void add_states(std::vector<StateT>& states, const T& value) {
  if constexpr (std::is_same_v<T, ConvolutionParameters>) {
    for (auto* list : {&value.stride, &value.padding_lo, &value.padding_hi, &value.kernel_dilation,
                       &value.input_dilation})
      states.emplace_back(*list);
    states.emplace_back(value.groups);
    states.emplace_back(value.flip);
  } else if constexpr (std::is_same_v<T, ElementwiseOp>) {
    states.emplace_back(std::string(elementwise_op_name(value)));
  } else if constexpr (std::is_enum_v<T>) {
    states.emplace_back(int(value));
  } else if constexpr (std::is_same_v<T, float>) {
    states.emplace_back(double(value));
  } else {
    states.emplace_back(value);
  }
}

template <typename T, typename Visit>
void visit_integers(T& value, Visit visit) {
  if constexpr (std::is_same_v<T, ConvolutionParameters>) {
    for (auto* list : {&value.stride, &value.padding_lo, &value.padding_hi, &value.kernel_dilation,
                       &value.input_dilation})
      for (int& element : *list) visit(element);
    visit(value.groups);
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    visit(value);
  } else if constexpr (std::is_same_v<T, Shape> || std::is_same_v<T, Strides> ||
                       std::is_same_v<T, std::vector<int>>) {
    for (auto& element : value) visit(element);
  }
}

/// The parameters as values of their own.
template <typename Kind, typename... T>
std::tuple<std::remove_cvref_t<T>...> copied(const std::tuple<T...>& parameters) {
  return parameters;
}

template <typename Kind>
std::vector<int64_t> integers(const Primitive& primitive) {
  std::vector<int64_t> result;
  auto values = copied<Kind>(parameters_of<Kind>(primitive));
  auto add = [&](auto integer) { result.push_back(int64_t(integer)); };
  std::apply([&](auto&... value) { (visit_integers(value, add), ...); }, values);
  return result;
}

template <typename Kind>
std::shared_ptr<Primitive> with_integers(const Primitive& primitive,
                                         const std::vector<int64_t>& given) {
  auto values = copied<Kind>(parameters_of<Kind>(primitive));
  size_t next = 0;
  auto set = [&](auto& integer) {
    integer = std::remove_reference_t<decltype(integer)>(given.at(next));
    if (int64_t(integer) != given[next++]) throw std::invalid_argument("a size out of range");
  };
  std::apply([&](auto&... value) { (visit_integers(value, set), ...); }, values);
  return std::apply(
      [&](auto&... value) {
        return std::make_shared<Kind>(primitive.stream(), std::move(value)...);
      },
      values);
}

}  // namespace node_kind_parts

/// The kind of a primitive that has `parameters()` in the order of its constructor. The rule is
/// what checks a node: a function of the primitive, the inputs and, if it needs it, the dtype of
/// the first output.
template <typename Kind, typename Rule>
NodeKind kind(const char* name, InputCount inputs, Rule rule) {
  namespace parts = node_kind_parts;
  return {name,
          typeid(Kind),
          inputs,
          [](ByteWriter& out, const Primitive& primitive) {
            std::apply([&](auto&... values) { out.write_all(values...); },
                       parts::parameters_of<Kind>(primitive));
          },
          [](ByteReader& in, const Stream& stream) {
            using Parameters = decltype(std::declval<const Kind&>().parameters());
            return parts::read<Kind>(in, stream, static_cast<Parameters*>(nullptr));
          },
          [](const Primitive& primitive) {
            std::vector<StateT> states;
            std::apply([&](auto&... values) { (parts::add_states(states, values), ...); },
                       parts::parameters_of<Kind>(primitive));
            return states;
          },
          parts::integers<Kind>,
          parts::with_integers<Kind>,
          [rule](Primitive& primitive, const std::vector<array>& in, Dtype dtype) {
            auto& node = static_cast<Kind&>(primitive);
            if constexpr (std::is_invocable_v<Rule, Kind&, const std::vector<array>&, Dtype>) {
              return rule(node, in, dtype);
            } else {
              return rule(node, in);
            }
          }};
}

}  // namespace mlx::core
