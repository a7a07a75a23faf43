#include "primitives/custom_kernel.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string_view>

#include "mlx/utils.h"
#include "runtime/gpu_device.h"

namespace mlx::core::fast {
namespace {

using Language = CustomKernelText::Language;
using Names = std::vector<std::string>;

// What every GPU can do.
constexpr int64_t most_threads = 1024;
constexpr size_t most_bytes = 1 << 24;

/// The device that runs it exists. That it knows CUDA is asked only of who needs it, since that
/// starts the device.
void check_device(const CustomKernelText& text) {
  const bool is_cuda = text.language != Language::metal;
  if (!has_gpu())
    throw EngineError(concat_text("[", text.function(), "] Kernels of one's own run on ",
                                  is_cuda ? "an NVIDIA GPU" : "a GPU", ": ",
                                  why_unavailable(Device(Device::gpu)), "."));
  if (is_cuda && gpu_device().limits().language != gpu::Language::cuda)
    throw EngineError(concat_text("[", text.function(), "] CUDA kernels run on NVIDIA GPUs, but ",
                                  Device(Device::gpu), " is \"", gpu_device().limits().name,
                                  "\". Use metal_kernel, whose kernels run on every GPU."));
}

void check_name(const CustomKernelText& text, const std::string& name, const char* of) {
  auto is_letter = [](unsigned char c) { return std::isalpha(c) || c == '_'; };
  auto may_follow = [&](unsigned char c) { return is_letter(c) || std::isdigit(c); };
  if (name.empty() || name.size() > 256 || !is_letter(static_cast<unsigned char>(name[0])) ||
      !std::all_of(name.begin(), name.end(), may_follow))
    throw std::invalid_argument(concat_text("[", text.function(), "] The name of ", of,
                                            " must be an identifier of letters, digits and ",
                                            "underscores but is \"", name.substr(0, 64), "\"."));
}

void check_distinct(const CustomKernelText& text, std::set<std::string>& names,
                    const std::string& name) {
  if (!names.insert(name).second)
    throw std::invalid_argument(
        concat_text("[", text.function(), "] The name \"", name, "\" is given twice."));
}

void check_source(const CustomKernelText& text, const std::string& source) {
  if (source.find('\0') != std::string::npos)
    throw std::invalid_argument(
        concat_text("[", text.function(), "] The source holds a character of value 0."));
  if (source.size() > most_bytes)
    throw std::invalid_argument(concat_text("[", text.function(), "] The source has ",
                                            source.size(), " characters; the most are ", most_bytes,
                                            "."));
}

void check_text(const CustomKernelText& text) {
  check_name(text, text.name, "a kernel");
  std::set<std::string> names;
  for (auto& name : text.input_names) {
    check_name(text, name, "an input");
    check_distinct(text, names, name);
  }
  for (auto& name : text.output_names) {
    check_name(text, name, "an output");
    check_distinct(text, names, name);
  }
  if (text.output_names.empty())
    throw std::invalid_argument(
        concat_text("[", text.function(), "] A kernel has at least one output."));
  check_source(text, text.source);
  check_source(text, text.header);
  if (text.shared_memory < 0)
    throw std::invalid_argument(concat_text("[", text.function(),
                                            "] shared_memory counts bytes and can't be ",
                                            text.shared_memory, "."));
}

void check_size(const CustomKernelText& text, const char* what, const std::array<int, 3>& size,
                int least) {
  if (std::any_of(size.begin(), size.end(), [&](int n) { return n < least; }))
    throw std::invalid_argument(concat_text("[", text.function(), "] The numbers of ", what,
                                            " must be at least ", least, " but are (", size[0],
                                            ", ", size[1], ", ", size[2], ")."));
}

void check_count(const CustomKernelText& text, size_t got, size_t expected, const char* what) {
  if (got != expected)
    throw std::invalid_argument(concat_text("[", text.function(), "] The kernel \"", text.name,
                                            "\" has ", expected, " ", what, " but received ", got,
                                            "."));
}

void check_call(const CustomKernelText& text, const CustomKernelCall& call,
                const std::vector<Dtype>& dtypes) {
  check_size(text, "the grid", call.grid, 0);
  check_size(text, "the threadgroup", call.threadgroup, 1);
  int64_t threads = 1;
  for (int n : call.threadgroup) threads = std::min<int64_t>(threads, most_threads + 1) * n;
  if (threads > most_threads)
    throw std::invalid_argument(concat_text(
        "[", text.function(), "] A threadgroup has at most ", most_threads, " threads but is (",
        call.threadgroup[0], ", ", call.threadgroup[1], ", ", call.threadgroup[2], ")."));
  std::set<std::string> names(text.input_names.begin(), text.input_names.end());
  names.insert(text.output_names.begin(), text.output_names.end());
  for (auto& [name, value] : call.template_arguments) {
    check_name(text, name, "a template argument");
    check_distinct(text, names, name);
    if (auto* dtype = std::get_if<Dtype>(&value); dtype && *dtype == float64)
      throw DtypeError(
          concat_text("[", text.function(), "] No GPU has float64, which ", name, " is."));
  }
  for (auto dtype : dtypes)
    if (text.atomic_outputs && dtype != float32 && dtype != int32 && dtype != uint32)
      throw DtypeError(concat_text("[", text.function(),
                                   "] Atomic outputs are float32, int32 or uint32 but one is ",
                                   dtype, "."));
}

std::vector<array> make_node(std::shared_ptr<const CustomKernelText> text, CustomKernelCall call,
                             const std::vector<array>& inputs, const std::vector<Shape>& shapes,
                             const std::vector<Dtype>& dtypes, StreamOrDevice s) {
  check_call(*text, call, dtypes);
  check_device(*text);
  auto stream = to_stream(s, Device(Device::gpu));
  if (stream.device != Device::gpu)
    throw std::invalid_argument(concat_text("[", text->function(), "] The kernel \"", text->name,
                                            "\" runs on a GPU, not on ", stream.device, "."));
  std::vector<Shape> sizes = shapes;
  return array::make_arrays(
      std::move(sizes), dtypes,
      std::make_shared<CustomKernel>(stream, std::move(text), std::move(call)), inputs);
}

std::array<int, 3> list(std::tuple<int, int, int> size) {
  return std::apply([](auto... n) { return std::array<int, 3>{n...}; }, size);
}

CustomKernelFunction make_function(CustomKernelText declared) {
  check_text(declared);
  check_device(declared);
  return [text = std::make_shared<const CustomKernelText>(std::move(declared))](
             const std::vector<array>& inputs, const std::vector<Shape>& shapes,
             const std::vector<Dtype>& dtypes, std::tuple<int, int, int> grid,
             std::tuple<int, int, int> threadgroup,
             std::vector<std::pair<std::string, TemplateArg>> template_arguments,
             std::optional<float> init_value, bool verbose, StreamOrDevice s) {
    check_count(*text, inputs.size(), text->input_names.size(), "inputs");
    check_count(*text, shapes.size(), text->output_names.size(), "outputs, with a shape each,");
    check_count(*text, dtypes.size(), text->output_names.size(), "outputs, with a dtype each,");
    CustomKernelCall call{list(grid), list(threadgroup), std::move(template_arguments),
                          {},         init_value,        verbose};
    return make_node(text, std::move(call), inputs, shapes, dtypes, s);
  };
}

}  // namespace

CustomKernelFunction metal_kernel(const std::string& name, const Names& input_names,
                                  const Names& output_names, const std::string& source,
                                  const std::string& header, bool ensure_row_contiguous,
                                  bool atomic_outputs, const CompileOptions& compile_options) {
  return make_function({Language::metal, name, input_names, output_names, source, header,
                        ensure_row_contiguous, atomic_outputs, compile_options.math_mode});
}

CustomKernelFunction cuda_kernel(const std::string& name, const Names& input_names,
                                 const Names& output_names, const std::string& source,
                                 const std::string& header, bool ensure_row_contiguous,
                                 int shared_memory) {
  return make_function({Language::cuda, name, input_names, output_names, source, header,
                        ensure_row_contiguous, false, MathMode::Safe, shared_memory});
}

std::vector<array> precompiled_cuda_kernel(
    const std::string& name, const std::string& compiled_source, const std::vector<array>& inputs,
    const std::vector<Shape>& output_shapes, const std::vector<Dtype>& output_dtypes,
    const std::vector<ScalarArg>& scalars, std::tuple<int, int, int> grid,
    std::tuple<int, int, int> threadgroup, int shared_memory, std::optional<float> init_value,
    bool ensure_row_contiguous, StreamOrDevice s) {
  CustomKernelText text{Language::binary, name, {}, {}, compiled_source, "", ensure_row_contiguous};
  text.shared_memory = shared_memory;
  check_name(text, name, "a kernel");
  if (output_shapes.empty() || output_shapes.size() != output_dtypes.size())
    throw std::invalid_argument(concat_text(
        "[precompiled_cuda_kernel] Expected at least one output, with a shape and a dtype each, "
        "but received ",
        output_shapes.size(), " shapes and ", output_dtypes.size(), " dtypes."));
  if (shared_memory < 0 || compiled_source.size() > most_bytes)
    throw std::invalid_argument(concat_text(
        "[precompiled_cuda_kernel] shared_memory must not be negative, and a kernel "
        "has at most ",
        most_bytes, " bytes; received ", shared_memory, " and ", compiled_source.size(), "."));
  CustomKernelCall call{list(grid), list(threadgroup), {}, scalars, init_value, false};
  return make_node(std::make_shared<const CustomKernelText>(std::move(text)), std::move(call),
                   inputs, output_shapes, output_dtypes, s);
}

}  // namespace mlx::core::fast
