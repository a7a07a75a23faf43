#include "gpu/generate/kernel_text.h"

#include <stdexcept>
#include <unordered_set>

namespace mlx::core::gpu {
namespace {

const KernelText& find(std::string_view name) {
  for (auto& text : kernel_texts())
    if (text.name == name) return text;
  throw std::logic_error("There is no kernel text " + std::string(name) + ".");
}

void add_needs(const KernelText& text, std::unordered_set<std::string_view>& needed) {
  needed.insert(text.name);
  for (auto rest = text.needs; !rest.empty();) {
    auto end = std::min(rest.find(' '), rest.size());
    add_needs(find(rest.substr(0, end)), needed);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

std::string kernel_bodies(Language language, std::initializer_list<std::string_view> names) {
  std::unordered_set<std::string_view> needed;
  for (auto name : names) add_needs(find(name), needed);
  std::string result;
  if (language == Language::metal) {
    result += find("prelude_metal").text;
  } else {
    result += find(language == Language::cuda ? "prelude_cuda" : "prelude_emulator").text;
    result += find("prelude_types").text;
  }
  result += find("group").text;
  for (auto& text : kernel_texts())
    if (needed.contains(text.name)) result += text.text;
  return result;
}

}  // namespace mlx::core::gpu
