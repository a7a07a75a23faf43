// The engine's walkers, with functions that are JavaScript's.

#include "mlx/transforms.h"
#include "binder.h"
#include "leaked_tracers.h"
#include "mlx/transforms_impl.h"
#include "traced_call.h"

namespace mlx::addon {
namespace {

// The values of the function are what it returned, so only the derivatives go back.

/// (function, inputs, numbers of the inputs to differentiate): gradients
napi_value value_and_grad(TransformCall& call) {
  auto inputs = to_arrays(call.environment, call.values[1]);
  auto argnums = Argument<std::vector<int>>(call.environment, call.values[2]).get();
  size_t pinned = call.environment.slots.pinned_bytes();
  auto gradients = core::value_and_grad(callback(call), argnums)(inputs).second;
  sweep_trace(call.environment, pinned);
  return arrays_to_js(call.environment, std::move(gradients));
}

/// (function, primals, cotangents): products
napi_value vjp(TransformCall& call) {
  auto primals = to_arrays(call.environment, call.values[1]);
  auto cotangents = to_arrays(call.environment, call.values[2]);
  return arrays_to_js(call.environment, core::vjp(callback(call), primals, cotangents).second);
}

/// (function, primals, tangents): products
napi_value jvp(TransformCall& call) {
  auto primals = to_arrays(call.environment, call.values[1]);
  auto tangents = to_arrays(call.environment, call.values[2]);
  return arrays_to_js(call.environment, core::jvp(callback(call), primals, tangents).second);
}

/// (function, inputs, axes): the function answers [outputs, axes of the outputs].
napi_value vmap(TransformCall& call) {
  auto inputs = to_arrays(call.environment, call.values[1]);
  auto in_axes = Argument<std::vector<int>>(call.environment, call.values[2]).get();
  std::vector<int> out_axes;
  LeakedTracers leaked(call.environment);
  auto function = [&](const std::vector<core::array>& slices) {
    for (size_t i = 0; i < slices.size(); ++i)
      if (in_axes[i] >= 0) leaked.add_placeholder(slices[i]);
    napi_value result = call_function(call.environment, call.values[0], {slices});
    out_axes =
        Argument<std::vector<int>>(call.environment, list_element(call.env, result, 1)).get();
    return to_arrays(call.environment, list_element(call.env, result, 0));
  };
  auto [traced_inputs, traced_outputs] = core::detail::vmap_trace(function, inputs, in_axes);
  auto outputs =
      core::detail::vmap_replace(inputs, traced_inputs, traced_outputs, in_axes, out_axes);
  leaked.mark();
  return arrays_to_js(call.environment, std::move(outputs));
}

}  // namespace

FunctionTable transform_functions() {
  return {
      {"valueAndGrad", transform<value_and_grad, 3>},
      {"vjp", transform<vjp, 3>},
      {"jvp", transform<jvp, 3>},
      {"vmap", transform<vmap, 3>},
  };
}

}  // namespace mlx::addon
