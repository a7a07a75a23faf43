#include <unordered_map>

#include "graph/graph_walk.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

/// The size of the mapped axis, the same for all mapped inputs.
int mapped_size(const std::vector<array>& inputs, const std::vector<int>& in_axes) {
  int size = -1;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (in_axes[i] < 0) continue;
    int n = inputs[i].shape(in_axes[i]);
    if (size >= 0 && n != size)
      throw ShapeError(concat_text("[vmap] Inputs have mapped axes of different sizes: ", size,
                                   " and ", n, "."));
    size = n;
  }
  if (size < 0) throw std::invalid_argument("[vmap] At least one input must have a mapped axis.");
  return size;
}

std::vector<int> complete_axes(std::vector<int> axes, const std::vector<array>& arrays,
                               const char* what, int extra_axes) {
  if (axes.empty()) axes.assign(arrays.size(), 0);
  if (axes.size() != arrays.size())
    throw std::invalid_argument(
        concat_text("[vmap] ", axes.size(), " ", what, " axes for ", arrays.size(), " arrays."));
  for (size_t i = 0; i < axes.size(); ++i) {
    int ndim = int(arrays[i].ndim()) + extra_axes;
    if (axes[i] < -1 || axes[i] >= ndim)
      throw IndexError(concat_text("[vmap] The ", what, " axis ", axes[i],
                                   " is out of bounds for an array with ", ndim, " dimensions."));
  }
  return axes;
}

/// The node on other inputs of the same shapes. What a rule found not to depend on the mapped axis,
/// a size for example, has no axis although it came from mapped inputs.
std::pair<std::vector<array>, std::vector<int>> rebuilt(const array& node,
                                                        const std::vector<array>& outputs,
                                                        const std::vector<array>& inputs) {
  std::vector<Shape> shapes;
  std::vector<Dtype> dtypes;
  for (auto& output : outputs) {
    shapes.push_back(output.shape());
    dtypes.push_back(output.dtype());
  }
  std::vector<int> axes(outputs.size(), -1);
  return {array::make_arrays(std::move(shapes), dtypes, node.primitive_ptr(), inputs), axes};
}

}  // namespace

namespace detail {

std::pair<std::vector<array>, std::vector<array>> vmap_trace(
    const std::function<std::vector<array>(const std::vector<array>&)>& fun,
    const std::vector<array>& inputs, const std::vector<int>& in_axes) {
  mapped_size(inputs, in_axes);
  InTracing tracing;
  std::vector<array> traced;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (in_axes[i] < 0) {
      traced.push_back(inputs[i]);
      continue;
    }
    Shape shape = inputs[i].shape();
    shape.erase(shape.begin() + in_axes[i]);
    traced.emplace_back(std::move(shape), inputs[i].dtype(), nullptr, std::vector<array>{});
    traced.back().set_tracer(true);
  }
  auto outputs = fun(traced);
  return {std::move(traced), std::move(outputs)};
}

std::vector<array> vmap_replace(const std::vector<array>& inputs,
                                const std::vector<array>& traced_inputs,
                                const std::vector<array>& traced_outputs,
                                const std::vector<int>& in_axes, const std::vector<int>& out_axes) {
  int size = mapped_size(inputs, in_axes);
  std::unordered_map<std::uintptr_t, std::pair<array, int>> mapped;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (in_axes[i] >= 0)
      mapped.emplace(traced_inputs[i].id(), std::make_pair(inputs[i], in_axes[i]));

  auto order = topological_order(traced_outputs,
                                 [](const array& a) { return a.status() == array::unscheduled; });
  for (auto& node : order) {
    std::vector<array> node_inputs;
    std::vector<int> axes;
    bool any_replaced = false, any_mapped = false;
    for (auto& input : node.inputs()) {
      auto found = mapped.find(input.id());
      bool is_replaced = found != mapped.end();
      any_replaced |= is_replaced;
      node_inputs.push_back(is_replaced ? found->second.first : input);
      axes.push_back(is_replaced ? found->second.second : -1);
      any_mapped |= axes.back() >= 0;
    }
    if (!any_replaced) continue;
    auto outputs = node.outputs();
    auto [results, result_axes] =
        any_mapped ? node.primitive().vmap(node_inputs, axes) : rebuilt(node, outputs, node_inputs);
    for (size_t i = 0; i < outputs.size(); ++i)
      mapped.emplace(outputs[i].id(), std::make_pair(results[i], result_axes[i]));
  }

  std::vector<array> outputs;
  for (size_t i = 0; i < traced_outputs.size(); ++i) {
    auto found = mapped.find(traced_outputs[i].id());
    bool is_mapped = found != mapped.end() && found->second.second >= 0;
    const array& value = found == mapped.end() ? traced_outputs[i] : found->second.first;
    if (out_axes[i] < 0) {
      if (is_mapped)
        throw std::invalid_argument(concat_text(
            "[vmap] Output ", i, " depends on the mapped inputs, so it needs an output axis."));
      outputs.push_back(value);
    } else if (is_mapped) {
      outputs.push_back(moveaxis(value, found->second.second, out_axes[i]));
    } else {
      Shape shape = value.shape();
      shape.insert(shape.begin() + out_axes[i], size);
      outputs.push_back(broadcast_to(expand_dims(value, out_axes[i]), shape));
    }
  }
  return outputs;
}

}  // namespace detail

VectorFunction vmap(const VectorFunction& fun, const std::vector<int>& in_axes,
                    const std::vector<int>& out_axes) {
  return [=](const std::vector<array>& inputs) {
    auto from = complete_axes(in_axes, inputs, "input", 0);
    auto [traced_inputs, traced_outputs] = detail::vmap_trace(fun, inputs, from);
    auto to = complete_axes(out_axes, traced_outputs, "output", 1);
    return detail::vmap_replace(inputs, traced_inputs, traced_outputs, from, to);
  };
}

ScalarFunction vmap(const ScalarFunction& fun, int in_axis, int out_axis) {
  auto vector_fun = [fun](const std::vector<array>& x) { return std::vector<array>{fun(x[0])}; };
  auto mapped =
      vmap(VectorFunction(vector_fun), std::vector<int>{in_axis}, std::vector<int>{out_axis});
  return [mapped](const array& x) { return mapped({x})[0]; };
}

std::function<array(const array&, const array&)> vmap(
    const std::function<array(const array&, const array&)>& fun, int in_axis_a, int in_axis_b,
    int out_axis) {
  auto vector_fun = [fun](const std::vector<array>& x) {
    return std::vector<array>{fun(x[0], x[1])};
  };
  auto mapped = vmap(VectorFunction(vector_fun), std::vector<int>{in_axis_a, in_axis_b},
                     std::vector<int>{out_axis});
  return [mapped](const array& a, const array& b) { return mapped({a, b})[0]; };
}

}  // namespace mlx::core
