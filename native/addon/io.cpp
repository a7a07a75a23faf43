// Files of arrays. Names and arrays cross as two lists of one length.

#include "mlx/io.h"

#include "binder.h"

namespace mlx::addon {
namespace {

std::vector<std::string> to_strings(napi_env env, napi_value value) {
  std::vector<std::string> strings;
  uint32_t length = list_length(env, value);
  for (uint32_t i = 0; i < length; ++i)
    strings.push_back(to_string(env, list_element(env, value, i)));
  return strings;
}

struct FileCall {
  napi_env env;
  Environment& environment;
  napi_value values[5];
};

template <napi_value (*body)(FileCall&)>
napi_value file_function(napi_env env, napi_callback_info info) {
  void* data;
  napi_value values[5];
  size_t count = 5;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  FileCall call{env, *static_cast<Environment*>(data), {}};
  std::copy(values, values + 5, call.values);
  return guarded(call.environment, [&] { return body(call); });
}

/// (file, stream): [names, arrays, metadata names, metadata values]
napi_value load_safetensors(FileCall& call) {
  auto [arrays, metadata] = core::load_safetensors(to_string(call.env, call.values[0]),
                                                   to_stream_or_device(call.env, call.values[1]));
  std::vector<std::string> names, metadata_names, metadata_values;
  std::vector<core::array> values;
  for (auto& [name, value] : arrays) {
    names.push_back(name);
    values.push_back(value);
  }
  for (auto& [name, value] : metadata) {
    metadata_names.push_back(name);
    metadata_values.push_back(value);
  }
  napi_value result;
  napi_create_array_with_length(call.env, 4, &result);
  napi_set_element(call.env, result, 0, list_to_js(call.env, names));
  napi_set_element(call.env, result, 1, arrays_to_js(call.environment, std::move(values)));
  napi_set_element(call.env, result, 2, list_to_js(call.env, metadata_names));
  napi_set_element(call.env, result, 3, list_to_js(call.env, metadata_values));
  return result;
}

/// (file, names, arrays, metadata names, metadata values)
napi_value save_safetensors(FileCall& call) {
  auto names = to_strings(call.env, call.values[1]);
  auto values = to_arrays(call.environment, call.values[2]);
  auto metadata_names = to_strings(call.env, call.values[3]);
  auto metadata_values = to_strings(call.env, call.values[4]);
  std::unordered_map<std::string, core::array> arrays;
  for (size_t i = 0; i < names.size(); ++i) arrays.emplace(names[i], values.at(i));
  std::unordered_map<std::string, std::string> metadata;
  for (size_t i = 0; i < metadata_names.size(); ++i)
    metadata.emplace(metadata_names[i], metadata_values.at(i));
  core::save_safetensors(to_string(call.env, call.values[0]), std::move(arrays),
                         std::move(metadata));
  return to_js(call.env, true);
}

}  // namespace

FunctionTable io_functions() {
  return {
      {"loadSafetensors", file_function<load_safetensors>},
      {"saveSafetensors", file_function<save_safetensors>},
  };
}

}  // namespace mlx::addon
