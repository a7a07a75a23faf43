#include "traced_call.h"

namespace mlx::addon {
namespace {

// What a trace made is worth a collection from this size on.
constexpr size_t large_trace = size_t(4) << 20;

}  // namespace

napi_value call_function(Environment& environment, napi_value function,
                         const std::vector<std::vector<core::array>>& lists,
                         const std::vector<int>* integers) {
  napi_env env = environment.env;
  napi_value receiver, result;
  napi_get_undefined(env, &receiver);
  std::vector<napi_value> arguments;
  for (auto& list : lists) arguments.push_back(arrays_to_js(environment, list));
  if (integers) arguments.push_back(list_to_js(env, *integers));
  // No other call may find slots borrowed, and this one holds handles of its own.
  environment.borrowed = false;
  if (napi_call_function(env, receiver, function, arguments.size(), arguments.data(), &result) !=
      napi_ok)
    throw PendingException{};
  return result;
}

core::VectorFunction callback(TransformCall& call) {
  return [&call](const std::vector<core::array>& inputs) {
    return to_arrays(call.environment, call_function(call.environment, call.values[0], {inputs}));
  };
}

void sweep_trace(Environment& environment, size_t pinned_before) {
  if (environment.slots.pinned_bytes() > pinned_before + large_trace)
    environment.collector.collect_young();
}

}  // namespace mlx::addon
