#include "gpu/generate/entry.h"

#include <cstdint>
#include <cstdio>

#include "mlx/utils.h"

namespace mlx::core::gpu {

std::string Entry::name(std::string_view family, std::string_view key) {
  // FNV-1a.
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char c : key) hash = (hash ^ c) * 0x100000001b3u;
  char digits[17];
  snprintf(digits, sizeof(digits), "%016llx", static_cast<unsigned long long>(hash));
  return std::string(family).append("_").append(digits);
}

Entry& Entry::add(Kind kind, std::string_view type, std::string_view name, int size) {
  parameters_.push_back({kind, std::string(type), std::string(name), size});
  return *this;
}
Entry& Entry::input(std::string_view type, std::string_view name) {
  return add(Kind::input, type, name);
}
Entry& Entry::output(std::string_view type, std::string_view name) {
  return add(Kind::output, type, name);
}
Entry& Entry::value(std::string_view type, std::string_view name) {
  return add(Kind::value, type, name);
}
Entry& Entry::shared(std::string_view type, std::string_view name, int size) {
  return add(Kind::shared, type, name, size);
}
Entry& Entry::body(std::string_view text) {
  body_ += text;
  return *this;
}

KernelSource Entry::source(Language language, std::string bodies) const {
  switch (language) {
    case Language::cuda:
      return {std::move(bodies), cuda(), name_};
    case Language::metal:
      return {std::move(bodies), metal(), name_};
    case Language::program:
    case Language::emulator:
      break;
  }
  return {std::move(bodies), emulator(), name_};
}

std::string Entry::cuda() const {
  std::string line, arrays;
  for (auto& p : parameters_) {
    if (p.kind == Kind::shared) {
      arrays +=
          "  __shared__ __align__(32) " + p.type + " " + p.name + concat_text("[", p.size) + "];\n";
      continue;
    }
    if (!line.empty()) line += ", ";
    if (p.kind == Kind::value)
      line += "const __grid_constant__ " + p.type + " " + p.name;
    else
      line += (p.kind == Kind::input ? "const " : "") + p.type + "* " + p.name;
  }
  return concat_text("extern \"C\" __global__ void __launch_bounds__(", threads_) + ") " + name_ +
         "(" + line + ") {\n" + arrays +
         "  const Group g = {{blockIdx.x, blockIdx.y, blockIdx.z},\n"
         "                   {threadIdx.x, threadIdx.y, threadIdx.z},\n"
         "                   {blockDim.x, blockDim.y, blockDim.z},\n"
         "                   threadIdx.x & 31u, threadIdx.x >> 5};\n" +
         body_ + "}\n";
}

std::string Entry::metal() const {
  std::string line, arrays;
  int buffer = 0;
  for (auto& p : parameters_) {
    if (p.kind == Kind::shared) {
      arrays +=
          "  alignas(32) threadgroup " + p.type + " " + p.name + concat_text("[", p.size) + "];\n";
      continue;
    }
    if (p.kind == Kind::value)
      line += "constant " + p.type + "& ";
    else
      line += "device " + std::string(p.kind == Kind::input ? "const " : "") + p.type + "* ";
    line += p.name + concat_text(" [[buffer(", buffer++) + ")]], ";
  }
  return concat_text("[[kernel, max_total_threads_per_threadgroup(", threads_) + ")]] void " +
         name_ + "(" + line +
         "uint3 group_ [[threadgroup_position_in_grid]], "
         "uint3 thread_ [[thread_position_in_threadgroup]], "
         "uint3 size_ [[threads_per_threadgroup]], uint lane_ [[thread_index_in_simdgroup]], "
         "uint simd_ [[simdgroup_index_in_threadgroup]]) {\n" +
         arrays + "  const Group g = {group_, thread_, size_, lane_, simd_};\n" + body_ + "}\n";
}

/// The emulator calls this for every thread, with a pointer to each argument's bytes.
std::string Entry::emulator() const {
  std::string text;
  int argument = 0;
  for (auto& p : parameters_) {
    if (p.kind == Kind::shared) {
      text += "  typedef " + p.type + " " + p.name + concat_text("_in_group_[", p.size) +
              "];\n  auto& " + p.name + " = THREADGROUP_MEMORY(" + p.name + "_in_group_, 32);\n";
      continue;
    }
    auto place = concat_text("arguments[", argument++) + "]";
    if (p.kind == Kind::value)
      text += "  const " + p.type + "& " + p.name + " = *(const " + p.type + "*)" + place + ";\n";
    else
      text += "  auto " + p.name + " = (" + (p.kind == Kind::input ? "const " : "") + p.type +
              "*)" + place + ";\n";
  }
  return "extern \"C\" void " + name_ + "(void* const* arguments, const Group& g) {\n" + text +
         body_ + "}\n";
}

}  // namespace mlx::core::gpu
