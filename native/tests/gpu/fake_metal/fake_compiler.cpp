#include "fake_compiler.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "../emulator/host_compiler.h"
#include "gpu/generate/kernel_text.h"
#include "mlx/errors.h"

namespace fake_metal {
namespace {

using namespace mlx::core;

std::string_view kernel_text(std::string_view name) {
  for (auto& text : gpu::kernel_texts())
    if (text.name == name) return text.text;
  throw EngineError("[fake Metal] There is no text " + std::string(name) + ".");
}

/// The emulator's prelude, but for the names that kernels/prelude_metal.h has.
std::string host_prelude() {
  std::string text(kernel_text("prelude_emulator"));
  for (std::string name :
       {"compare_exchange", "atomic_add", "lanes_where", "count_bits", "lane_barrier"})
    for (size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += name.size() + 5)
      text.insert(at, "host_");
  return text;
}

/// What Metal's standard library has, for the host.
std::string standard_library() {
  return "namespace metal {\n" + host_prelude() + std::string(kernel_text("prelude_types")) + R"(
struct uint2 { uint x, y; };
inline uint popcount(uint x) { return host_count_bits(x); }
inline void simdgroup_barrier(mem_flags) { host_lane_barrier(); }
enum memory_order { memory_order_relaxed };
using atomic_uint = uint;
using atomic_float = float;
inline bool atomic_compare_exchange_weak_explicit(uint* place, uint* expected, uint desired,
                                                  memory_order, memory_order) {
  const uint seen = *place;
  if (seen == *expected) { *place = desired; return true; }
  *expected = seen;
  return false;
}
inline uint atomic_load_explicit(uint* place, memory_order) { return *place; }
inline void atomic_fetch_add_explicit(float* place, float value, memory_order) { *place += value; }
inline uint atomic_fetch_add_explicit(uint* place, uint value, memory_order) {
  const uint seen = *place;
  *place += value;
  return seen;
}
}
)";
}

const std::string include_of_library = "#include <metal_stdlib>\n";

/// Whether a caller wrote the kernel, who may use all of Metal's library.
bool is_callers(const std::string& text) {
  return text.find("#line 1 \"header of ") != std::string::npos;
}

/// The text for the host's compiler. What callers use of the library is there for CUDA already.
std::string with_library(std::string text) {
  const size_t at = text.find(include_of_library);
  if (at == std::string::npos) return text;
  if (!is_callers(text)) return text.replace(at, include_of_library.size(), standard_library());
  auto library = gpu::kernel_bodies(gpu::Language::emulator,
                                    {"metal_functions", "metal_simd", "metal_atomic"});
  return text.replace(at, include_of_library.size(), library + "namespace metal {\n");
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// The next place of a whole word.
size_t find_word(const std::string& text, const std::string& word, size_t from) {
  for (size_t at = text.find(word, from); at != std::string::npos; at = text.find(word, at + 1))
    if ((at == 0 || !is_word(text[at - 1])) && !is_word(text[at + word.size()])) return at;
  return std::string::npos;
}

/// Variables of the group: one for all of its threads, which the host runs on one thread.
std::string with_group_variables(std::string text) {
  const std::string word = "threadgroup";
  for (size_t at = find_word(text, word, 0); at != std::string::npos;
       at = find_word(text, word, at + 1)) {
    size_t end = text.find_first_of(";(){}=*&", at);
    size_t line = text.find_last_of(";{}\n", at) + 1;
    auto before = text.substr(line, at - line);
    bool begins = std::all_of(before.begin(), before.end(),
                              [](char c) { return std::isspace(static_cast<unsigned char>(c)); }) ||
                  before.find("alignas(") != std::string::npos;
    if (end == std::string::npos || text[end] != ';' || !begins) continue;
    text.replace(at, word.size(), "static thread_local");
  }
  return text;
}

std::string trimmed(std::string text) {
  auto is_space = [](unsigned char c) { return std::isspace(c); };
  while (!text.empty() && is_space(text.back())) text.pop_back();
  while (!text.empty() && is_space(text.front())) text.erase(0, 1);
  return text;
}

struct Parameter {
  std::string type, attribute;
};

/// What stands between commas, but not those inside of brackets.
std::vector<Parameter> parse_parameters(const std::string& list) {
  std::vector<Parameter> parameters;
  std::vector<std::string> parts(1);
  int depth = 0;
  for (char c : list) {
    depth += c == '(' || c == '[' || c == '<' ? 1 : c == ')' || c == ']' || c == '>' ? -1 : 0;
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (auto& part : parts) {
    size_t open = part.find("[["), close = part.find("]]");
    if (open == std::string::npos)
      throw EngineError("[fake Metal] A kernel's parameter has no attribute: " + part);
    auto declared = trimmed(part.substr(0, open));
    size_t name = declared.size();
    while (name > 0 && is_word(declared[name - 1])) --name;
    parameters.push_back(
        {trimmed(declared.substr(0, name)), trimmed(part.substr(open + 2, close - open - 2))});
  }
  return parameters;
}

std::string coordinates(const std::string& type, const std::string& x, const std::string& y,
                        const std::string& z) {
  if (type == "uint3") return "uint3{uint(" + x + "), uint(" + y + "), uint(" + z + ")}";
  if (type == "uint2") return "uint2{uint(" + x + "), uint(" + y + ")}";
  return type + "(" + x + ")";
}

/// The expression that the host passes for a parameter.
std::string argument_of(const Parameter& parameter, HostKernel& kernel) {
  auto& [type, attribute] = parameter;
  if (attribute.starts_with("buffer(")) {
    size_t index = size_t(std::stoul(attribute.substr(7)));
    if (index >= groups_argument)
      throw EngineError("[fake Metal] There is no buffer " + std::to_string(index) + ".");
    if (kernel.buffers.size() <= index) kernel.buffers.resize(index + 1, HostKernel::Use::none);
    bool is_reference = type.back() == '&';
    auto pointed = type.substr(0, type.size() - 1);
    kernel.buffers[index] =
        find_word(type, "constant", 0) != std::string::npos ? HostKernel::Use::value
        : find_word(type, "const", 0) != std::string::npos  ? HostKernel::Use::reads
                                                            : HostKernel::Use::writes;
    auto place = "((" + pointed + "*)arguments[" + std::to_string(index) + "])";
    return is_reference ? "*" + place : place;
  }
  auto each = [&](auto text) { return coordinates(type, text("0"), text("1"), text("2")); };
  std::string groups = "((const uint32_t*)arguments[" + std::to_string(groups_argument) + "])";
  auto of = [](const char* field) {
    return [field](const char* i) { return std::string("g.") + field + "[" + i + "]"; };
  };
  if (attribute == "threadgroup_position_in_grid") return each(of("tgid"));
  if (attribute == "thread_position_in_threadgroup") return each(of("tid"));
  if (attribute == "threads_per_threadgroup") return each(of("size"));
  if (attribute == "thread_position_in_grid")
    return each(
        [](std::string i) { return "g.tgid[" + i + "] * g.size[" + i + "] + g.tid[" + i + "]"; });
  if (attribute == "threadgroups_per_grid")
    return each([&](std::string i) { return groups + "[" + i + "]"; });
  if (attribute == "threads_per_grid")
    return each([&](std::string i) { return groups + "[" + i + "] * g.size[" + i + "]"; });
  if (attribute == "thread_index_in_threadgroup") return type + "(g.simd * 32 + g.lane)";
  if (attribute == "thread_index_in_simdgroup") return type + "(g.lane)";
  if (attribute == "simdgroup_index_in_threadgroup") return type + "(g.simd)";
  if (attribute == "threads_per_simdgroup") return type + "(32)";
  throw EngineError("[fake Metal] A kernel asks for [[" + attribute + "]].");
}

struct Found {
  std::string name;
  HostKernel kernel;
  std::string entry;
};

/// The kernel whose attribute or keyword stands at a place.
Found parse_kernel(const std::string& text, size_t at) {
  size_t open = text.find('(', text.find("void", at)), name = open;
  while (is_word(text[name - 1])) --name;
  size_t close = open;
  for (int depth = 0; close == open || depth > 0; ++close)
    depth += text[close] == '(' ? 1 : text[close] == ')' ? -1 : 0;
  Found found{text.substr(name, open - name), {}, {}};
  constexpr std::string_view limit = "max_total_threads_per_threadgroup(";
  auto head = text.substr(at, name - at);
  if (size_t place = head.find(limit); place != std::string::npos)
    found.kernel.max_threads = std::stoul(head.substr(place + limit.size()));
  std::string arguments;
  for (auto& parameter : parse_parameters(text.substr(open + 1, close - open - 2)))
    arguments += (arguments.empty() ? "" : ", ") + argument_of(parameter, found.kernel);
  found.entry =
      "struct HostGroup { uint32_t tgid[3], tid[3], size[3], lane, simd; };\n"
      "extern \"C\" void host_" +
      found.name + "(void* const* arguments, const HostGroup& g) { " + found.name + "(" +
      arguments + "); }\n";
  return found;
}

}  // namespace

std::map<std::string, HostKernel> compile_library(const std::string& text) {
  std::string host = with_library(with_group_variables(text));
  std::vector<Found> found;
  for (size_t at = find_word(text, "kernel", 0); at != std::string::npos;
       at = find_word(text, "kernel", at + 1))
    if (text.compare(at, 12, "kernel void ") == 0 ||
        (at >= 2 && text.compare(at - 2, 2, "[[") == 0))
      found.push_back(parse_kernel(text, at));
  if (is_callers(text)) {
    // Beside the kernels, where names mean the same.
    for (auto& one : found) host += std::exchange(one.entry, "");
    host += "}\n";
  }
  std::vector<gpu::KernelSource> sources;
  for (auto& one : found) sources.push_back({host, one.entry, "host_" + one.name});
  // So that a text without kernels is compiled too.
  sources.push_back({host, "extern \"C\" void host_nothing() {}\n", "host_nothing"});
  auto entries = gpu::emulator::compile_on_host(sources);
  std::map<std::string, HostKernel> kernels;
  for (size_t i = 0; i < found.size(); ++i) {
    found[i].kernel.entry = entries[i];
    kernels[found[i].name] = found[i].kernel;
  }
  return kernels;
}

}  // namespace fake_metal
