#include <numeric>
#include <unordered_map>

#include "mlx/ops.h"
#include "mlx/primitives.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "transforms/derivative.h"

namespace mlx::core {

std::pair<std::vector<array>, std::vector<array>> jvp(const VectorFunction& fun,
                                                      const std::vector<array>& primals,
                                                      const std::vector<array>& tangents) {
  if (primals.size() != tangents.size())
    throw std::invalid_argument(concat_text("[jvp] ", primals.size(), " primals but ",
                                            tangents.size(), " tangents were given."));
  for (size_t i = 0; i < primals.size(); ++i) {
    if (primals[i].shape() != tangents[i].shape())
      throw ShapeError(concat_text("[jvp] Primal shape ", primals[i].shape(),
                                   " does not match tangent shape ", tangents[i].shape(), "."));
  }

  detail::InTracing tracing(false, true);
  std::vector<int> argnums(primals.size());
  std::iota(argnums.begin(), argnums.end(), 0);
  auto trace = trace_derivative(fun, primals, argnums);

  std::unordered_map<std::uintptr_t, array> known;
  for (size_t i = 0; i < primals.size(); ++i)
    known.emplace(trace.inputs[i].id(), astype(tangents[i], primals[i].dtype()));
  for (auto& node : trace.tape) {
    auto inputs = trace.differentiable_inputs(node);
    std::vector<array> input_tangents;
    input_tangents.reserve(inputs.size());
    for (int i : inputs) input_tangents.push_back(known.at(node.inputs()[i].id()));
    auto output_tangents = node.primitive().jvp(node.inputs(), input_tangents, inputs);
    auto outputs = node.outputs();
    for (size_t i = 0; i < outputs.size(); ++i)
      if (trace.differentiable.count(outputs[i].id()))
        known.emplace(outputs[i].id(), std::move(output_tangents[i]));
  }

  std::vector<array> results;
  for (auto& output : trace.outputs) {
    auto found = known.find(output.id());
    // Booleans move by nothing, which is a number.
    Dtype dtype = output.dtype() == bool_ ? float32 : output.dtype();
    results.push_back(found == known.end() ? zeros_like(output, dtype) : found->second);
  }
  return {std::move(trace.outputs), std::move(results)};
}

std::pair<array, array> jvp(const ScalarFunction& fun, const array& primal, const array& tangent) {
  auto vector_fun = [&](const std::vector<array>& x) { return std::vector<array>{fun(x[0])}; };
  auto [outputs, tangents] = jvp(VectorFunction(vector_fun), {primal}, {tangent});
  return {outputs[0], tangents[0]};
}

}  // namespace mlx::core
