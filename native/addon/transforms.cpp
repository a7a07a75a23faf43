// The engine's walkers, with functions that are JavaScript's.

#include <unordered_map>

#include "binder.h"
#include "mlx/transforms.h"
#include "mlx/transforms_impl.h"

namespace mlx::addon {
namespace {

// What a trace made is worth a collection from this size on.
constexpr size_t large_trace = size_t(4) << 20;

struct TransformCall {
  napi_env env;
  Environment& environment;
  napi_value values[4];
};

/// Calls a JavaScript function with slot numbers; it answers a list.
napi_value call_function(TransformCall& call, const std::vector<core::array>& inputs) {
  napi_value receiver, arguments, result;
  napi_get_undefined(call.env, &receiver);
  arguments = arrays_to_js(call.environment, inputs);
  // No other call may find slots borrowed, and this one holds handles of its own.
  call.environment.borrowed = false;
  if (napi_call_function(call.env, receiver, call.values[0], 1, &arguments, &result) != napi_ok)
    throw PendingException{};
  return result;
}

core::VectorFunction callback(TransformCall& call) {
  return [&call](const std::vector<core::array>& inputs) {
    return to_arrays(call.environment, call_function(call, inputs));
  };
}

/// Frees what a trace left behind, so that its intermediates don't count as held.
void sweep_trace(Environment& environment, size_t pinned_before) {
  if (environment.slots.pinned_bytes() > pinned_before + large_trace)
    environment.collector.collect_young();
}

template <napi_value (*body)(TransformCall&)>
napi_value transform(napi_env env, napi_callback_info info) {
  void* data;
  napi_value values[4];
  size_t count = 4;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  TransformCall call{env, *static_cast<Environment*>(data), {}};
  std::copy(values, values + 4, call.values);
  return guarded(call.environment, [&] { return body(call); });
}

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

/// Tells which nodes' graphs reach one of some others.
class Dependence {
 public:
  explicit Dependence(const std::vector<core::array>& roots) {
    for (auto& root : roots) known_.emplace(root.id(), true);
  }

  bool operator()(const core::array& a) {
    std::vector<Visit> stack;
    enter(stack, a);
    while (!stack.empty()) {
      Visit& visit = stack.back();
      if (visit.next < visit.node.inputs().size() && !visit.found) {
        core::array input = visit.node.inputs()[visit.next];
        auto known = known_.find(input.id());
        if (known == known_.end()) {
          enter(stack, input);
        } else {
          visit.found = known->second;
          ++visit.next;
        }
        continue;
      }
      known_[visit.node.id()] = visit.found;
      stack.pop_back();
    }
    return known_[a.id()];
  }

 private:
  struct Visit {
    core::array node;
    size_t next = 0;
    bool found = false;
  };

  void enter(std::vector<Visit>& stack, const core::array& node) {
    if (!known_.count(node.id())) stack.push_back({node});
  }

  std::unordered_map<std::uintptr_t, bool> known_;
};

/// Marks the arrays of a vmap trace that JavaScript still holds: they have no value outside of it.
void mark_leaked(Environment& environment, uint32_t trace,
                 const std::vector<core::array>& placeholders) {
  Dependence depends_on_placeholder(placeholders);
  std::vector<SlotId> leaked;
  environment.slots.for_each_since(trace, [&](SlotId id, const core::array& a) {
    if (depends_on_placeholder(a)) leaked.push_back(id);
  });
  for (SlotId id : leaked) environment.slots.release(id, SlotState::leaked);
}

/// (function, inputs, axes): the function answers [outputs, axes of the outputs].
napi_value vmap(TransformCall& call) {
  auto inputs = to_arrays(call.environment, call.values[1]);
  auto in_axes = Argument<std::vector<int>>(call.environment, call.values[2]).get();
  std::vector<int> out_axes;
  std::vector<core::array> placeholders;
  uint32_t trace = call.environment.slots.begin_trace();
  auto function = [&](const std::vector<core::array>& slices) {
    for (size_t i = 0; i < slices.size(); ++i)
      if (in_axes[i] >= 0) placeholders.push_back(slices[i]);
    napi_value result = call_function(call, slices);
    out_axes =
        Argument<std::vector<int>>(call.environment, list_element(call.env, result, 1)).get();
    return to_arrays(call.environment, list_element(call.env, result, 0));
  };
  try {
    auto [traced_inputs, traced_outputs] = core::detail::vmap_trace(function, inputs, in_axes);
    auto outputs =
        core::detail::vmap_replace(inputs, traced_inputs, traced_outputs, in_axes, out_axes);
    mark_leaked(call.environment, trace, placeholders);
    return arrays_to_js(call.environment, std::move(outputs));
  } catch (...) {
    mark_leaked(call.environment, trace, placeholders);
    throw;
  }
}

}  // namespace

FunctionTable transform_functions() {
  return {
      {"valueAndGrad", transform<value_and_grad>},
      {"vjp", transform<vjp>},
      {"jvp", transform<jvp>},
      {"vmap", transform<vmap>},
  };
}

}  // namespace mlx::addon
