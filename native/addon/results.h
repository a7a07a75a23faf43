#pragma once

#include <node_api.h>

#include <string>
#include <utility>
#include <vector>

#include "environment.h"
#include "mlx/array.h"
#include "mlx/stream.h"

namespace mlx::addon {

napi_value to_js(napi_env env, bool value);
napi_value to_js(napi_env env, int value);
napi_value to_js(napi_env env, uint32_t value);
napi_value to_js(napi_env env, double value);
napi_value to_js(napi_env env, size_t value);
napi_value to_js(napi_env env, const std::string& value);
/// [kind, message]
napi_value to_js(napi_env env, const ErrorRecord& error);
napi_value to_js(napi_env env, const core::Shape& shape);
/// [index, device type, device index]
napi_value to_js(napi_env env, const core::Stream& stream);
inline napi_value to_js(napi_env env, core::Dtype dtype) { return to_js(env, int(dtype.val())); }

template <typename T>
napi_value to_js(napi_env env, const std::vector<T>& values);

/// A JavaScript list of the elements.
template <typename T>
napi_value list_to_js(napi_env env, const std::vector<T>& values) {
  napi_value list;
  napi_create_array_with_length(env, values.size(), &list);
  for (size_t i = 0; i < values.size(); ++i)
    napi_set_element(env, list, uint32_t(i), to_js(env, values[i]));
  return list;
}

template <typename T>
napi_value to_js(napi_env env, const std::vector<T>& values) {
  return list_to_js(env, values);
}
/// A list of both.
template <typename First, typename Second>
napi_value to_js(napi_env env, const std::pair<First, Second>& values) {
  napi_value list;
  napi_create_array_with_length(env, 2, &list);
  napi_set_element(env, list, 0, to_js(env, values.first));
  napi_set_element(env, list, 1, to_js(env, values.second));
  return list;
}
/// Slot numbers for arrays whose objects JavaScript will attach.
napi_value arrays_to_js(Environment& environment, std::vector<core::array> arrays);

}  // namespace mlx::addon
