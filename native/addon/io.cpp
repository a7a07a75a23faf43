// Files of arrays. Names and arrays cross as two lists of one length.

#include "mlx/io_impl.h"

#include "binder.h"
#include "bytes_reader.h"

namespace mlx::addon {
namespace {

struct FileCall {
  napi_env env;
  Environment& environment;
  napi_value values[5];

  std::string file() const { return to_string(env, values[0]); }
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

/// The contents that stand in place of a file's name, or null. They are copied, because
/// JavaScript may change its own before they are read.
std::shared_ptr<core::io::Reader> to_reader(FileCall& call) {
  void* data;
  size_t length;
  napi_typedarray_type type;
  bool is_bytes = false;
  napi_is_typedarray(call.env, call.values[0], &is_bytes);
  if (!is_bytes) return nullptr;
  napi_get_typedarray_info(call.env, call.values[0], &type, &length, &data, nullptr, nullptr);
  auto* bytes = static_cast<const char*>(data);
  return std::make_shared<BytesReader>(std::vector<char>(bytes, bytes + length));
}

core::detail::FileSource to_source(FileCall& call) {
  if (auto reader = to_reader(call)) return reader;
  return call.file();
}

core::StreamOrDevice to_stream(FileCall& call) {
  return to_stream_or_device(call.environment, call.values[1]);
}

napi_value list_of(napi_env env, const std::vector<napi_value>& values) {
  napi_value list;
  napi_create_array_with_length(env, values.size(), &list);
  for (size_t i = 0; i < values.size(); ++i) napi_set_element(env, list, uint32_t(i), values[i]);
  return list;
}

using Arrays = std::unordered_map<std::string, core::array>;

template <typename T>
napi_value names_to_js(napi_env env, const core::detail::Named<T>& named) {
  std::vector<std::string> names;
  for (auto& [name, value] : named) names.push_back(name);
  return list_to_js(env, names);
}

/// [names, arrays]
std::vector<napi_value> named_to_js(FileCall& call, core::detail::Named<core::array> arrays) {
  napi_value names = names_to_js(call.env, arrays);
  std::vector<core::array> values;
  for (auto& [name, value] : arrays) values.push_back(std::move(value));
  return {names, arrays_to_js(call.environment, std::move(values))};
}

/// The arrays by name, from the second and third argument.
Arrays to_named(FileCall& call) {
  auto names = to_strings(call.env, call.values[1]);
  auto values = to_arrays(call.environment, call.values[2]);
  Arrays arrays;
  for (size_t i = 0; i < names.size(); ++i) arrays.emplace(names[i], values.at(i));
  return arrays;
}

/// (file, stream): the slot of an array in a list
napi_value load_npy(FileCall& call) {
  core::array loaded =
      std::visit([&](auto source) { return core::load(source, to_stream(call)); }, to_source(call));
  return arrays_to_js(call.environment, {std::move(loaded)});
}

/// (file, array)
napi_value save_npy(FileCall& call) {
  core::save(call.file(), to_array(call.environment, call.values[1]));
  return to_js(call.env, true);
}

/// (file, stream): [names, members]: an array, or the text of its error
napi_value load_npz(FileCall& call) {
  auto members = core::detail::load_npz_in_order(to_source(call), to_stream(call));
  std::vector<napi_value> values;
  for (auto& [name, member] : members) {
    if (auto* fault = std::get_if<std::string>(&member))
      values.push_back(to_js(call.env, *fault));
    else
      values.push_back(to_js(call.env, call.environment.slots.make_unattached(
                                           std::get<core::array>(std::move(member)))));
  }
  return list_of(call.env, {names_to_js(call.env, members), list_of(call.env, values)});
}

/// (file, names, arrays, whether to compress)
napi_value save_npz(FileCall& call) {
  core::save_npz(call.file(), to_named(call), to_bool(call.env, call.values[3]));
  return to_js(call.env, true);
}

/// (file, stream): [names, arrays, metadata names, metadata values]
napi_value load_safetensors(FileCall& call) {
  auto [arrays, metadata] =
      core::detail::load_safetensors_in_order(to_source(call), to_stream(call));
  std::vector<std::string> values;
  for (auto& [name, value] : metadata) values.push_back(value);
  auto result = named_to_js(call, std::move(arrays));
  result.push_back(names_to_js(call.env, metadata));
  result.push_back(list_to_js(call.env, values));
  return list_of(call.env, result);
}

/// (file, names, arrays, metadata names, metadata values)
napi_value save_safetensors(FileCall& call) {
  auto names = to_strings(call.env, call.values[3]);
  auto values = to_strings(call.env, call.values[4]);
  std::unordered_map<std::string, std::string> metadata;
  for (size_t i = 0; i < names.size(); ++i) metadata.emplace(names[i], values.at(i));
  core::save_safetensors(call.file(), to_named(call), std::move(metadata));
  return to_js(call.env, true);
}

/// (file, stream): [names, arrays, metadata names, metadata values]; a value is a string, a list
/// of strings, or the slot of an array.
napi_value load_gguf(FileCall& call) {
  auto [arrays, metadata] = core::detail::load_gguf_in_order(to_source(call), to_stream(call));
  std::vector<napi_value> values;
  for (auto& [name, value] : metadata) {
    if (auto* text = std::get_if<std::string>(&value))
      values.push_back(to_js(call.env, *text));
    else if (auto* list = std::get_if<std::vector<std::string>>(&value))
      values.push_back(list_to_js(call.env, *list));
    else
      values.push_back(
          to_js(call.env, call.environment.slots.make_unattached(std::get<core::array>(value))));
  }
  auto result = named_to_js(call, std::move(arrays));
  result.push_back(names_to_js(call.env, metadata));
  result.push_back(list_of(call.env, values));
  return list_of(call.env, result);
}

core::GGUFMetaData to_gguf_metadata(FileCall& call, napi_value value) {
  napi_valuetype type;
  napi_typeof(call.env, value, &type);
  if (type == napi_string) return to_string(call.env, value);
  if (type == napi_object) return to_strings(call.env, value);
  return to_array(call.environment, value);
}

/// (file, names, arrays, metadata names, metadata values), the values as load_gguf gives them
napi_value save_gguf(FileCall& call) {
  auto names = to_strings(call.env, call.values[3]);
  std::unordered_map<std::string, core::GGUFMetaData> metadata;
  for (uint32_t i = 0; i < names.size(); ++i)
    metadata.emplace(names[i], to_gguf_metadata(call, list_element(call.env, call.values[4], i)));
  core::save_gguf(call.file(), to_named(call), std::move(metadata));
  return to_js(call.env, true);
}

}  // namespace

FunctionTable io_functions() {
  return {
      {"loadNpy", file_function<load_npy>},
      {"saveNpy", file_function<save_npy>},
      {"loadNpz", file_function<load_npz>},
      {"saveNpz", file_function<save_npz>},
      {"loadSafetensors", file_function<load_safetensors>},
      {"saveSafetensors", file_function<save_safetensors>},
      {"loadGguf", file_function<load_gguf>},
      {"saveGguf", file_function<save_gguf>},
  };
}

}  // namespace mlx::addon
