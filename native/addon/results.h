#pragma once

#include <node_api.h>

#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "environment.h"
#include "js_value.h"
#include "mlx/array.h"
#include "mlx/export.h"
#include "mlx/stream.h"

namespace mlx::addon {

napi_value to_js(napi_env env, bool value);
napi_value to_js(napi_env env, int value);
napi_value to_js(napi_env env, uint32_t value);
napi_value to_js(napi_env env, double value);
napi_value to_js(napi_env env, size_t value);
napi_value to_js(napi_env env, const BigInt& value);
napi_value to_js(napi_env env, const std::string& value);
/// null
napi_value to_js(napi_env env, std::monostate);
/// [kind, message]
napi_value to_js(napi_env env, const ErrorRecord& error);
/// [index, device type, device index]
napi_value to_js(napi_env env, const core::Stream& stream);
inline napi_value to_js(napi_env env, core::Dtype dtype) { return to_js(env, int(dtype.val())); }
template <JsType type>
napi_value to_js(napi_env, const JsValue<type>& value) {
  return value.value;
}

// What may hold arrays needs the environment, where they become slots whose objects JavaScript will
// attach.

napi_value to_js(Environment& environment, core::array value);
/// [whether it is a dtype, value]
napi_value to_js(Environment& environment, const core::StateT& state);

template <typename T>
napi_value to_js(Environment& environment, const T& value) {
  return to_js(environment.env, value);
}
template <typename... T>
napi_value to_js(Environment& environment, const std::variant<T...>& value) {
  return std::visit([&](auto& held) { return to_js(environment, held); }, value);
}
template <typename T>
napi_value to_js(Environment& environment, const std::optional<T>& value) {
  return value ? to_js(environment, *value) : to_js(environment.env, std::monostate());
}

/// A list of a container's elements.
template <typename List>
napi_value list_to_js(Environment& environment, const List& values) {
  napi_value list;
  napi_create_array_with_length(environment.env, values.size(), &list);
  uint32_t i = 0;
  for (auto& value : values)
    napi_set_element(environment.env, list, i++, to_js(environment, value));
  return list;
}
template <typename T>
napi_value to_js(Environment& environment, const std::vector<T>& values) {
  return list_to_js(environment, values);
}
inline napi_value to_js(Environment& environment, const core::Shape& shape) {
  return list_to_js(environment, shape);
}
/// Pairs of a key and a value.
template <typename Key, typename T>
napi_value to_js(Environment& environment, const std::unordered_map<Key, T>& values) {
  return list_to_js(environment, values);
}
template <typename... T>
napi_value to_js(Environment& environment, const std::tuple<T...>& values) {
  napi_value list;
  napi_create_array_with_length(environment.env, sizeof...(T), &list);
  uint32_t i = 0;
  std::apply(
      [&](auto&... value) {
        (napi_set_element(environment.env, list, i++, to_js(environment, value)), ...);
      },
      values);
  return list;
}
template <typename First, typename Second>
napi_value to_js(Environment& environment, const std::pair<First, Second>& values) {
  return to_js(environment, std::tie(values.first, values.second));
}

}  // namespace mlx::addon
