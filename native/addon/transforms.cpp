// The engine's walkers, with functions that are JavaScript's.

#include "mlx/transforms.h"
#include "binder.h"
#include "leaked_tracers.h"
#include "mlx/transforms_impl.h"

namespace mlx::addon {
namespace {

using Arrays = std::vector<core::array>;
using Integers = std::vector<int>;
using TracedFunction = Callable<Arrays(Arrays)>;
/// Answers with its outputs' axes.
using MappedFunction = Callable<std::pair<Arrays, Integers>(Arrays)>;
using VjpRule = Callable<Arrays(Arrays, Arrays, Arrays)>;
using JvpRule = Callable<Arrays(Arrays, Arrays, Integers)>;
using VmapRule = Callable<std::pair<Arrays, Integers>(Arrays, Integers)>;

// What a trace made is worth a collection from this size on.
constexpr size_t large_trace = size_t(4) << 20;

// The values of the function are what it returned, so only the derivatives go back.

Arrays value_and_grad(Environment& environment, TracedFunction function, Arrays inputs,
                      Integers argnums) {
  size_t pinned = environment.slots.on_host().all;
  auto gradients = core::value_and_grad(core::VectorFunction(function), argnums)(inputs).second;
  // What the trace left behind would count as held.
  if (environment.slots.on_host().all > pinned + large_trace) environment.collector.collect_young();
  return gradients;
}

Arrays vmap(Environment& environment, MappedFunction function, Arrays inputs, Integers in_axes) {
  Integers out_axes;
  LeakedTracers leaked(environment);
  auto traced = [&](const Arrays& slices) {
    for (size_t i = 0; i < slices.size(); ++i)
      if (in_axes[i] >= 0) leaked.add_placeholder(slices[i]);
    auto [outputs, axes] = function(slices);
    out_axes = std::move(axes);
    return outputs;
  };
  auto [traced_inputs, traced_outputs] = core::detail::vmap_trace(traced, inputs, in_axes);
  Arrays outputs =
      core::detail::vmap_replace(inputs, traced_inputs, traced_outputs, in_axes, out_axes);
  leaked.mark();
  return outputs;
}

/// A rule that a graph node may hold, if there is one.
template <typename Rule, typename Signature>
std::optional<Rule> held(const std::optional<Callable<Signature>>& rule) {
  if (!rule) return std::nullopt;
  return Rule(HeldCallable<Signature>(*rule));
}

Arrays call_custom(TracedFunction function, std::optional<VjpRule> vjp, std::optional<JvpRule> jvp,
                   std::optional<VmapRule> vmap, Arrays inputs) {
  return core::custom_function(HeldCallable(function), held<core::CustomVjp>(vjp),
                               held<core::CustomJvp>(jvp), held<core::CustomVmap>(vmap))(inputs);
}

}  // namespace

FunctionTable transform_functions() {
  return {
      bind<value_and_grad>("valueAndGrad"),
      bind("vjp",
           [](TracedFunction function, Arrays primals, Arrays cotangents) {
             return core::vjp(core::VectorFunction(function), primals, cotangents).second;
           }),
      bind("jvp",
           [](TracedFunction function, Arrays primals, Arrays tangents) {
             return core::jvp(core::VectorFunction(function), primals, tangents).second;
           }),
      bind<vmap>("vmap"),
      bind<call_custom>("callCustom"),
      bind("callCheckpointed",
           [](TracedFunction function, Arrays inputs) {
             return core::checkpoint(HeldCallable(function))(inputs);
           }),
  };
}

}  // namespace mlx::addon
