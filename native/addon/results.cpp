#include "results.h"

namespace mlx::addon {
namespace {

napi_value plain_list(napi_env env, std::initializer_list<napi_value> values) {
  napi_value list;
  napi_create_array_with_length(env, values.size(), &list);
  uint32_t i = 0;
  for (napi_value value : values) napi_set_element(env, list, i++, value);
  return list;
}

}  // namespace

napi_value to_js(napi_env env, bool value) {
  napi_value result;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value to_js(napi_env env, int value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}

napi_value to_js(napi_env env, uint32_t value) {
  napi_value result;
  napi_create_uint32(env, value, &result);
  return result;
}

napi_value to_js(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}

napi_value to_js(napi_env env, size_t value) { return to_js(env, double(value)); }

napi_value to_js(napi_env env, const BigInt& value) {
  napi_value result;
  napi_create_bigint_words(env, value.is_negative, 1, &value.magnitude, &result);
  return result;
}

napi_value to_js(napi_env env, const std::string& value) {
  napi_value result;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

napi_value to_js(napi_env env, const ErrorRecord& error) {
  return plain_list(env, {to_js(env, int(error.kind)), to_js(env, error.message)});
}

napi_value to_js(napi_env env, std::monostate) {
  napi_value result;
  napi_get_null(env, &result);
  return result;
}

napi_value to_js(napi_env env, const core::Stream& stream) {
  return plain_list(env, {to_js(env, stream.index), to_js(env, int(stream.device.type)),
                          to_js(env, stream.device.index)});
}

napi_value to_js(Environment& environment, core::array value) {
  return to_js(environment.env, environment.slots.make_unattached(std::move(value)));
}

napi_value to_js(Environment& environment, const core::StateT& state) {
  auto convert = [&](const auto& value) {
    // Strides are integers of 64 bits.
    if constexpr (std::is_same_v<decltype(value), const core::Strides&>)
      return to_js(environment, std::vector<double>(value.begin(), value.end()));
    else
      return to_js(environment, value);
  };
  napi_env env = environment.env;
  return plain_list(
      env, {to_js(env, std::holds_alternative<core::Dtype>(state)), std::visit(convert, state)});
}

}  // namespace mlx::addon
