#include "transforms/derivative.h"

#include <algorithm>

#include "graph/graph_walk.h"
#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

bool stops_gradient(const array& a) {
  return a.primitive().role() == Primitive::Role::gradient_stop;
}

}  // namespace

std::vector<int> DerivativeTrace::differentiable_inputs(const array& node) const {
  std::vector<int> argnums;
  for (size_t i = 0; i < node.inputs().size(); ++i)
    if (differentiable.count(node.inputs()[i].id())) argnums.push_back(int(i));
  return argnums;
}

DerivativeTrace trace_derivative(
    const std::function<std::vector<array>(const std::vector<array>&)>& fun,
    const std::vector<array>& primals, const std::vector<int>& argnums) {
  DerivativeTrace trace;
  for (auto& primal : primals) {
    auto stream =
        primal.has_primitive() ? StreamOrDevice(primal.primitive().stream()) : StreamOrDevice();
    // A node of its own, so that an array given twice, or captured as well, stays distinct.
    trace.inputs.push_back(copy(primal, stream));
    trace.inputs.back().set_tracer(true);
  }
  trace.outputs = fun(trace.inputs);

  for (int argnum : argnums) trace.differentiable.insert(trace.inputs[argnum].id());
  auto order = topological_order(trace.outputs, [&](const array& a) {
    return a.is_tracer() && !trace.differentiable.count(a.id());
  });
  for (auto& node : order) {
    if (stops_gradient(node)) continue;
    auto reaches = [&](const array& output) {
      return std::any_of(node.inputs().begin(), node.inputs().end(), [&](const array& input) {
        return trace.differentiable.count(input.id()) && has_slope(input.dtype(), output.dtype());
      });
    };
    bool reached = false;
    for (auto& output : node.outputs()) {
      if (!reaches(output)) continue;
      trace.differentiable.insert(output.id());
      reached = true;
    }
    if (reached) trace.tape.push_back(std::move(node));
  }
  return trace;
}

}  // namespace mlx::core
