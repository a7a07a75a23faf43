#include "gpu/generate/custom_source.h"

#include <algorithm>
#include <cstring>

#include "gpu/generate/entry.h"
#include "gpu/generate/kernel_text.h"
#include "gpu/generate/type_name.h"
#include "gpu/generate/user_text.h"
#include "gpu/text_options.h"
#include "mlx/utils.h"

namespace mlx::core::gpu {
namespace {

using Dialect = CustomKernelText::Language;

constexpr auto struct_name = "CustomArguments_", parameter_name = "custom_";

/// The attributes of Metal's language, table 5.8, by their names there.
constexpr auto attributes = R"(
  const uint3 threads_per_threadgroup = uint3(g.size.x, g.size.y, g.size.z);
  const uint3 dispatch_threads_per_threadgroup =
      uint3(custom_.size[0], custom_.size[1], custom_.size[2]);
  const uint3 threadgroup_position_in_grid =
      uint3(g.tgid.x + custom_.first[0], g.tgid.y + custom_.first[1], g.tgid.z + custom_.first[2]);
  const uint3 thread_position_in_threadgroup = uint3(g.tid.x, g.tid.y, g.tid.z);
  const uint3 thread_position_in_grid =
      uint3(threadgroup_position_in_grid.x * custom_.size[0] + g.tid.x,
            threadgroup_position_in_grid.y * custom_.size[1] + g.tid.y,
            threadgroup_position_in_grid.z * custom_.size[2] + g.tid.z);
  const uint3 threads_per_grid = uint3(custom_.grid[0], custom_.grid[1], custom_.grid[2]);
  const uint3 grid_size = threads_per_grid, grid_origin = uint3(0, 0, 0);
  const uint3 threadgroups_per_grid =
      uint3((custom_.grid[0] + custom_.size[0] - 1) / custom_.size[0],
            (custom_.grid[1] + custom_.size[1] - 1) / custom_.size[1],
            (custom_.grid[2] + custom_.size[2] - 1) / custom_.size[2]);
  const uint thread_index_in_threadgroup = (g.tid.z * g.size.y + g.tid.y) * g.size.x + g.tid.x;
  const uint threads_in_group_ = g.size.x * g.size.y * g.size.z;
  const uint threads_in_whole_group_ = custom_.size[0] * custom_.size[1] * custom_.size[2];
  const uint threads_per_simdgroup = 32, thread_execution_width = 32;
  const uint thread_index_in_simdgroup = thread_index_in_threadgroup % 32;
  const uint simdgroup_index_in_threadgroup = thread_index_in_threadgroup / 32;
  const uint simdgroups_per_threadgroup = (threads_in_group_ + 31) / 32;
  const uint dispatch_simdgroups_per_threadgroup = (threads_in_whole_group_ + 31) / 32;
  const uint thread_index_in_quadgroup = thread_index_in_threadgroup % 4;
  const uint quadgroup_index_in_threadgroup = thread_index_in_threadgroup / 4;
  const uint quadgroups_per_threadgroup = (threads_in_group_ + 3) / 4;
  const uint dispatch_quadgroups_per_threadgroup = (threads_in_whole_group_ + 3) / 4;
)";

std::string parameter(const char* kind, size_t number) {
  return std::string(kind).append(std::to_string(number)).append("_");
}

/// The caller's own names are no matter, but for that of what the entry has its coordinates in.
std::string with_own_names(const std::string& text) {
  return "#define Group CallersGroup_\n" + text + "\n#undef Group\n";
}

template <typename T>
void append(std::string& bytes, std::span<const T> values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

/// An array of length 0 there is none.
std::string array_field(const char* type, const std::string& name, size_t size) {
  return concat_text("  ", type, " ", name, "[", std::max<size_t>(size, 1), "];\n");
}

template <typename T>
void append_padded(std::string& bytes, std::span<const T> values) {
  append(bytes, values);
  if (values.empty()) bytes.append(sizeof(T), '\0');
}

}  // namespace

CustomSource::CustomSource(Language language, const CustomKernelText& text,
                           const CustomKernelCall& call, std::span<const CustomOperand> inputs,
                           std::span<const Dtype::Val> outputs)
    : language_(language), text_(text), call_(call), inputs_(inputs), outputs_(outputs) {
  for (size_t i = 0; i < inputs.size() && i < text.input_names.size(); ++i) {
    auto& name = text.input_names[i];
    auto add = [&](const char* suffix, auto&& fact) {
      fact.name = name + suffix;
      if (mentions(text.source, fact.name)) facts_.push_back(std::move(fact));
    };
    add("_shape", Fact{{}, inputs[i].shape, {}, 0});
    add("_strides", Fact{{}, {}, inputs[i].strides, 0});
    add("_ndim", Fact{{}, {}, {}, int(inputs[i].shape.size())});
  }
}

std::string CustomSource::dtype_name(Dtype::Val dtype) const {
  if (text_.language == Dialect::cuda) return cuda_type_name(dtype);
  return dtype == Dtype::Val::complex64 ? "complex64_t" : type_name(dtype);
}

std::string CustomSource::key() const {
  std::string key = "custom:";
  auto add = [&](std::string_view part) {
    key += concat_text(part.size(), ":");
    key += part;
  };
  add(text_.function());
  add(text_.name);
  for (auto& input : inputs_)
    add(concat_text(int(input.dtype), ",", input.shape.size(), ",", input.by_value));
  for (auto output : outputs_) add(concat_text(int(output)));
  add(names());
  for (auto* list : {&text_.input_names, &text_.output_names})
    for (auto& name : *list) add(name);
  int threads = 1;
  for (int n : call_.threadgroup) threads *= n;
  add(concat_text(threads, ",", text_.atomic_outputs, ",", int(text_.math_mode)));
  add(text_.header);
  add(text_.source);
  return key;
}

std::string CustomSource::arguments_type() const {
  std::string text = concat_text("struct ", struct_name, " {\n");
  // The widest first, so that no compiler leaves gaps.
  for (auto& fact : facts_)
    if (fact.name.ends_with("_strides"))
      text += array_field(text_.language == Dialect::cuda ? "long long" : "int64_t", fact.name,
                          fact.long_integers.size());
  text += "  unsigned first[3], size[3], grid[3];\n";
  for (auto& fact : facts_) {
    if (fact.name.ends_with("_shape")) text += array_field("int", fact.name, fact.integers.size());
    if (fact.name.ends_with("_ndim")) text += "  int " + fact.name + ";\n";
  }
  return text + "};\n";
}

std::string CustomSource::arguments(const Size3& first) const {
  std::string bytes;
  for (auto& fact : facts_)
    if (fact.name.ends_with("_strides")) append_padded(bytes, fact.long_integers);
  const uint32_t numbers[] = {uint32_t(first.x),
                              uint32_t(first.y),
                              uint32_t(first.z),
                              uint32_t(call_.threadgroup[0]),
                              uint32_t(call_.threadgroup[1]),
                              uint32_t(call_.threadgroup[2]),
                              uint32_t(call_.grid[0]),
                              uint32_t(call_.grid[1]),
                              uint32_t(call_.grid[2])};
  append(bytes, std::span<const uint32_t>(numbers));
  for (auto& fact : facts_) {
    if (fact.name.ends_with("_shape")) append_padded(bytes, fact.integers);
    if (fact.name.ends_with("_ndim")) append(bytes, std::span<const int>(&fact.number, 1));
  }
  // The whole struct is read.
  bytes.resize((bytes.size() + 7) / 8 * 8);
  return bytes;
}

/// The caller's names for arguments, in a scope of their own: they may be any.
std::string CustomSource::names() const {
  const bool is_cuda = text_.language == Dialect::cuda;
  auto device = is_cuda ? "" : "device ", constant = is_cuda ? "const " : "constant ";
  std::string text;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    auto type = dtype_name(inputs_[i].dtype) + " ";
    auto name = "& " + text_.input_names[i] + " = ", from = parameter("in", i) + ";\n";
    if (!inputs_[i].is_number())
      text += concat_text("  const ", device, type, "* ", text_.input_names[i], " = ", from);
    else if (inputs_[i].by_value)
      text += "  " + (constant + (type + name)) + from;
    else
      text += concat_text("  const ", device, type, name, "*", from);
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    auto type = dtype_name(outputs_[i]);
    if (text_.atomic_outputs) type = "atomic<" + type + ">";
    text += concat_text("  ", device, type, "* ", text_.output_names[i], " = ", parameter("out", i),
                        ";\n");
  }
  for (auto& [name, value] : call_.template_arguments) {
    if (auto* dtype = std::get_if<Dtype>(&value))
      text += "  using " + name + " = " + dtype_name(dtype->val()) + ";\n";
    else if (auto* number = std::get_if<int>(&value))
      text += concat_text("  constexpr int ", name, " = ", *number, ";\n");
    else
      text += concat_text("  constexpr bool ", name, " = ", std::get<bool>(value), ";\n");
  }
  for (auto& fact : facts_) {
    auto type = fact.name.ends_with("_strides") ? is_cuda ? "long long" : "int64_t" : "int";
    if (fact.name.ends_with("_ndim"))
      text += "  const int " + fact.name + " = " + parameter_name + "." + fact.name + ";\n";
    else
      text += concat_text("  ", constant, type, "* ", fact.name, " = ", parameter_name, ".",
                          fact.name, ";\n");
  }
  return text;
}

std::string CustomSource::body() const {
  const auto line = "#line 1 \"" + text_.name + "\"\n";
  const auto source =
      text_.language == Dialect::cuda ? text_.source : user_text(language_, text_.source);
  return "  {\n" + names() + "  {\n" + with_own_names(line + source) + "  }\n  }\n";
}

KernelSource CustomSource::portable_source() const {
  int threads = 1;
  for (int n : call_.threadgroup) threads *= n;
  Entry entry(Entry::name("custom_kernel_" + text_.name, key()), threads);
  for (size_t i = 0; i < inputs_.size(); ++i) {
    auto name = parameter("in", i), type = dtype_name(inputs_[i].dtype);
    if (inputs_[i].by_value)
      entry.value(type, name);
    else
      entry.input(type, name);
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    auto type = dtype_name(outputs_[i]);
    entry.output(text_.atomic_outputs ? "atomic<" + type + ">" : type, parameter("out", i));
  }
  entry.value(struct_name, parameter_name).body(attributes).body(body());

  const bool is_metal = language_ == Language::metal;
  std::string bodies(pragma_of(text_.math_mode));
  bodies += is_metal ? kernel_bodies(language_, {"custom_helpers"})
                     : kernel_bodies(language_, {"metal_functions", "metal_simd", "metal_atomic",
                                                 "custom_helpers"}) +
                           "namespace metal {\n";
  bodies += with_own_names("#line 1 \"header of " + text_.name + "\"\n" +
                           user_text(language_, text_.header)) +
            arguments_type();
  auto source = entry.source(language_, std::move(bodies));
  if (!is_metal) source.entry += "}\n";
  return source;
}

KernelSource CustomSource::cuda_source() const {
  std::string text(native_pragma);
  auto has = [&](Dtype::Val dtype) {
    auto is_template = [&](auto& argument) {
      auto* given = std::get_if<Dtype>(&argument.second);
      return given && given->val() == dtype;
    };
    return std::any_of(inputs_.begin(), inputs_.end(),
                       [&](auto& input) { return input.dtype == dtype; }) ||
           std::find(outputs_.begin(), outputs_.end(), dtype) != outputs_.end() ||
           std::any_of(call_.template_arguments.begin(), call_.template_arguments.end(),
                       is_template);
  };
  if (has(Dtype::Val::float16)) text += "#include <cuda_fp16.h>\n";
  if (has(Dtype::Val::bfloat16)) text += "#include <cuda_bf16.h>\n";
  if (mentions(text_.source, "cooperative_groups")) text += "#include <cooperative_groups.h>\n";
  text += "#line 1 \"header of " + text_.name + "\"\n" + text_.header + "\n" + arguments_type();
  auto name = Entry::name("custom_kernel_" + text_.name, key());
  std::string line;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    auto type = dtype_name(inputs_[i].dtype);
    line +=
        (inputs_[i].by_value ? "const __grid_constant__ " + type + " " : "const " + type + "* ") +
        parameter("in", i) + ", ";
  }
  for (size_t i = 0; i < outputs_.size(); ++i)
    line += dtype_name(outputs_[i]) + "* " + parameter("out", i) + ", ";
  auto entry = "extern \"C\" __global__ void " + name + "(" + line + "const __grid_constant__ " +
               struct_name + " " + parameter_name + ") {\n" + body() + "}\n";
  return {std::move(text), std::move(entry), std::move(name)};
}

KernelSource CustomSource::source() const {
  if (text_.language == Dialect::binary) return {text_.source, "", text_.name};
  return text_.language == Dialect::cuda ? cuda_source() : portable_source();
}

}  // namespace mlx::core::gpu
