#pragma once

#include <node_api.h>

#include <vector>

#include "binder.h"
#include "mlx/transforms.h"

namespace mlx::addon {

constexpr size_t max_transform_values = 6;

/// A call of a transform: the JavaScript function stands first among the values.
struct TransformCall {
  napi_env env;
  Environment& environment;
  napi_value values[max_transform_values];
};

template <napi_value (*body)(TransformCall&), size_t count>
napi_value transform(napi_env env, napi_callback_info info) {
  static_assert(count <= max_transform_values);
  void* data;
  napi_value values[max_transform_values];
  size_t given = count;
  napi_get_cb_info(env, info, &given, values, nullptr, &data);
  TransformCall call{env, *static_cast<Environment*>(data), {}};
  std::copy(values, values + count, call.values);
  napi_value result = guarded(call.environment, [&] { return body(call); });
  // Of graphs that died meanwhile.
  call.environment.functions->delete_discarded();
  return result;
}

/// Calls a JavaScript function with lists of slot numbers, and a list of integers if given.
napi_value call_function(Environment& environment, napi_value function,
                         const std::vector<std::vector<core::array>>& lists,
                         const std::vector<int>* integers = nullptr);

/// The function as the engine's; it answers a list of slot numbers. For the time of the call.
core::VectorFunction callback(TransformCall& call);

/// Frees what a trace left behind, so that its intermediates don't count as held.
void sweep_trace(Environment& environment, size_t pinned_before);

}  // namespace mlx::addon
