#include "gpu/generate/kernel_text.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

namespace mlx::core::gpu {
namespace {

const KernelText& find(std::string_view name) {
  for (auto& text : kernel_texts())
    if (text.name == name) return text;
  throw std::logic_error("There is no kernel text " + std::string(name) + ".");
}

/// The text after all that it needs, unless it is there already.
void add(const KernelText& text, std::unordered_set<std::string_view>& added, std::string& result) {
  if (!added.insert(text.name).second) return;
  for (auto rest = text.needs; !rest.empty();) {
    auto end = std::min(rest.find(' '), rest.size());
    add(find(rest.substr(0, end)), added, result);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  result += text.text;
}

}  // namespace

std::string_view kernel_text(std::string_view name) { return find(name).text; }

std::string kernel_bodies(Language language, std::initializer_list<std::string_view> names) {
  std::string result;
  if (language == Language::metal) {
    result += find("prelude_metal").text;
  } else {
    result += find(language == Language::cuda ? "prelude_cuda" : "prelude_emulator").text;
    result += find("prelude_types").text;
  }
  result += find("group").text;
  std::unordered_set<std::string_view> added;
  for (auto name : names) add(find(name), added, result);
  return result;
}

}  // namespace mlx::core::gpu
