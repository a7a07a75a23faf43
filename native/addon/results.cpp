#include "results.h"

namespace mlx::addon {

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

napi_value to_js(napi_env env, const std::string& value) {
  napi_value result;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

napi_value to_js(napi_env env, const ErrorRecord& error) {
  napi_value record;
  napi_create_array_with_length(env, 2, &record);
  napi_set_element(env, record, 0, to_js(env, int(error.kind)));
  napi_set_element(env, record, 1, to_js(env, error.message));
  return record;
}

napi_value to_js(napi_env env, const core::Shape& shape) {
  return list_to_js(env, std::vector<int>(shape.begin(), shape.end()));
}

napi_value to_js(napi_env env, const core::Stream& stream) {
  return list_to_js(env,
                    std::vector<int>{stream.index, int(stream.device.type), stream.device.index});
}

napi_value arrays_to_js(Environment& environment, std::vector<core::array> arrays) {
  std::vector<SlotId> ids;
  ids.reserve(arrays.size());
  for (auto& a : arrays) ids.push_back(environment.slots.make_unattached(std::move(a)));
  return list_to_js(environment.env, ids);
}

}  // namespace mlx::addon
