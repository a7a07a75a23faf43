#include <numeric>
#include <unordered_map>

#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "transforms/derivative.h"

namespace mlx::core {
namespace {

using Cotangents = std::unordered_map<std::uintptr_t, array>;

void accumulate(Cotangents& cotangents, const array& node, array contribution,
                const Stream& stream) {
  contribution = astype(contribution, node.dtype(), stream);
  auto [entry, is_new] = cotangents.try_emplace(node.id(), contribution);
  if (!is_new) entry->second = add(entry->second, contribution, stream);
}

/// The cotangents of all outputs of a node, zeros where none arrived; empty if none did at all.
std::vector<array> take_cotangents(Cotangents& cotangents, const std::vector<array>& outputs,
                                   const Stream& stream) {
  std::vector<array> result;
  bool any = false;
  for (auto& output : outputs) any |= cotangents.count(output.id()) > 0;
  if (!any) return result;
  for (auto& output : outputs) {
    auto found = cotangents.find(output.id());
    if (found == cotangents.end()) {
      result.push_back(zeros_like(output, stream));
    } else {
      result.push_back(std::move(found->second));
      cotangents.erase(found);
    }
  }
  return result;
}

void check_cotangent(const array& output, const array& cotangent) {
  if (output.shape() != cotangent.shape())
    throw ShapeError(concat_text("[vjp] Output shape ", output.shape(),
                                 " does not match cotangent shape ", cotangent.shape(), "."));
}

/// Walks the tape backwards from seeded cotangents to the traced inputs.
std::vector<array> pull_back(DerivativeTrace& trace, Cotangents cotangents,
                             const std::vector<int>& argnums) {
  while (!trace.tape.empty()) {
    array node = std::move(trace.tape.back());
    trace.tape.pop_back();
    const Stream& stream = node.primitive().stream();
    auto outputs = node.outputs();
    auto output_cotangents = take_cotangents(cotangents, outputs, stream);
    if (output_cotangents.empty()) continue;
    auto inputs = trace.differentiable_inputs(node);
    auto contributions = node.primitive().vjp(node.inputs(), output_cotangents, inputs, outputs);
    for (size_t i = 0; i < inputs.size(); ++i)
      accumulate(cotangents, node.inputs()[inputs[i]], contributions[i], stream);
  }
  std::vector<array> gradients;
  for (int argnum : argnums) {
    const array& input = trace.inputs[argnum];
    auto found = cotangents.find(input.id());
    gradients.push_back(found == cotangents.end() ? zeros_like(input) : found->second);
  }
  return gradients;
}

}  // namespace

std::pair<std::vector<array>, std::vector<array>> vjp(const VectorFunction& fun,
                                                      const std::vector<array>& primals,
                                                      const std::vector<array>& cotangents) {
  detail::InTracing tracing(false, true);
  std::vector<int> argnums(primals.size());
  std::iota(argnums.begin(), argnums.end(), 0);
  auto trace = trace_derivative(fun, primals, argnums);
  if (cotangents.size() != trace.outputs.size())
    throw std::invalid_argument(concat_text("[vjp] The function returned ", trace.outputs.size(),
                                            " arrays but ", cotangents.size(),
                                            " cotangents were given."));
  Cotangents seeds;
  for (size_t i = 0; i < cotangents.size(); ++i) {
    check_cotangent(trace.outputs[i], cotangents[i]);
    if (trace.differentiable.count(trace.outputs[i].id()))
      accumulate(seeds, trace.outputs[i], astype(cotangents[i], trace.outputs[i].dtype()),
                 default_stream(default_device()));
  }
  auto gradients = pull_back(trace, std::move(seeds), argnums);
  return {std::move(trace.outputs), std::move(gradients)};
}

std::pair<array, array> vjp(const ScalarFunction& fun, const array& primal,
                            const array& cotangent) {
  auto vector_fun = [&](const std::vector<array>& x) { return std::vector<array>{fun(x[0])}; };
  auto [outputs, gradients] = vjp(VectorFunction(vector_fun), {primal}, {cotangent});
  return {outputs[0], gradients[0]};
}

ValueAndGradFn value_and_grad(const VectorFunction& fun, const std::vector<int>& argnums) {
  if (argnums.empty())
    throw std::invalid_argument("[grad] Must specify at least one argument number.");
  return [fun, argnums](const std::vector<array>& inputs) {
    auto positions = normalize_axes(argnums, int(inputs.size()), "[grad] Argument numbers: ");
    // In the caller's order, not sorted.
    for (size_t i = 0; i < argnums.size(); ++i)
      positions[i] = argnums[i] < 0 ? argnums[i] + int(inputs.size()) : argnums[i];

    detail::InTracing tracing(false, true);
    auto trace = trace_derivative(fun, inputs, positions);
    if (trace.outputs.empty())
      throw std::invalid_argument("[grad] The function returned nothing to differentiate.");
    const array& value = trace.outputs[0];
    if (value.size() != 1 || value.ndim() != 0)
      throw std::invalid_argument(
          concat_text("[grad] The first value returned by the function must be a scalar; it has "
                      "shape ",
                      value.shape(), ". Reduce it, for example with sum or mean."));
    Cotangents seeds;
    if (trace.differentiable.count(value.id())) seeds.emplace(value.id(), ones_like(value));
    auto gradients = pull_back(trace, std::move(seeds), positions);
    return std::make_pair(std::move(trace.outputs), std::move(gradients));
  };
}

ValueAndGradFn value_and_grad(const VectorFunction& fun, int argnum) {
  return value_and_grad(fun, std::vector<int>{argnum});
}

std::function<std::pair<array, array>(const array&)> value_and_grad(const ScalarFunction& fun) {
  auto both = value_and_grad(VectorFunction(
      [fun](const std::vector<array>& inputs) { return std::vector<array>{fun(inputs[0])}; }));
  return [both](const array& input) {
    auto [values, gradients] = both({input});
    return std::make_pair(values[0], gradients[0]);
  };
}

SimpleValueAndGradFn value_and_grad(const std::function<array(const std::vector<array>&)>& fun,
                                    const std::vector<int>& argnums) {
  auto both = value_and_grad(VectorFunction([fun](const std::vector<array>& inputs) {
                               return std::vector<array>{fun(inputs)};
                             }),
                             argnums);
  return [both](const std::vector<array>& inputs) {
    auto [values, gradients] = both(inputs);
    return std::make_pair(values[0], std::move(gradients));
  };
}
SimpleValueAndGradFn value_and_grad(const std::function<array(const std::vector<array>&)>& fun,
                                    int argnum) {
  return value_and_grad(fun, std::vector<int>{argnum});
}

VectorFunction grad(const std::function<array(const std::vector<array>&)>& fun,
                    const std::vector<int>& argnums) {
  auto both = value_and_grad(fun, argnums);
  return [both](const std::vector<array>& inputs) { return both(inputs).second; };
}
VectorFunction grad(const std::function<array(const std::vector<array>&)>& fun, int argnum) {
  return grad(fun, std::vector<int>{argnum});
}
ScalarFunction grad(const ScalarFunction& fun) {
  auto both = value_and_grad(fun);
  return [both](const array& input) { return both(input).second; };
}

}  // namespace mlx::core
