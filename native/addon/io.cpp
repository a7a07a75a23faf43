// Files of arrays. Names and what they name cross as two lists of one length.

#include "mlx/io_impl.h"

#include "binder.h"

namespace mlx::addon {
namespace {

using core::StreamOrDevice;
using core::detail::FileSource;
using core::detail::Named;
using Arrays = std::vector<core::array>;
using Strings = std::vector<std::string>;

template <typename T>
std::pair<Strings, std::vector<T>> unzip(Named<T> named) {
  std::pair<Strings, std::vector<T>> lists;
  for (auto& [name, value] : named) {
    lists.first.push_back(std::move(name));
    lists.second.push_back(std::move(value));
  }
  return lists;
}

template <typename T>
std::unordered_map<std::string, T> zip(const Strings& names, const std::vector<T>& values) {
  std::unordered_map<std::string, T> named;
  for (size_t i = 0; i < names.size(); ++i) named.emplace(names[i], values.at(i));
  return named;
}

/// Arrays and metadata, in the order of the file.
template <typename Loaded>
auto to_lists(Loaded loaded) {
  return std::tuple_cat(unzip(std::move(loaded.arrays)), unzip(std::move(loaded.metadata)));
}

}  // namespace

FunctionTable io_functions() {
  return {
      bind("loadNpy",
           [](FileSource file, StreamOrDevice s) {
             auto load = [&](auto& source) { return core::load(source, s); };
             return Arrays{std::visit(load, file)};
           }),
      bind("saveNpy", [](std::string file, core::array a) { core::save(file, a); }),
      // A member is an array, or the text of its error.
      bind("loadNpz",
           [](FileSource file, StreamOrDevice s) {
             return unzip(core::detail::load_npz_in_order(file, s));
           }),
      bind("saveNpz", [](std::string file, Strings names, Arrays arrays,
                         bool compress) { core::save_npz(file, zip(names, arrays), compress); }),
      bind("loadSafetensors",
           [](FileSource file, StreamOrDevice s) {
             return to_lists(core::detail::load_safetensors_in_order(file, s));
           }),
      bind("saveSafetensors",
           [](std::string file, Strings names, Arrays arrays, Strings keys, Strings values) {
             core::save_safetensors(file, zip(names, arrays), zip(keys, values));
           }),
      bind("loadGguf",
           [](FileSource file, StreamOrDevice s) {
             return to_lists(core::detail::load_gguf_in_order(file, s));
           }),
      bind("saveGguf",
           [](std::string file, Strings names, Arrays arrays, Strings keys,
              std::vector<core::GGUFMetaData> values) {
             core::save_gguf(file, zip(names, arrays), zip(keys, values));
           }),
  };
}

}  // namespace mlx::addon
