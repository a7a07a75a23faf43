#include <algorithm>
#include <array>
#include <cstring>
#include <iostream>

#include "gpu/arrays.h"
#include "gpu/generate/custom_source.h"
#include "mlx/utils.h"
#include "primitives/custom_kernel.h"

namespace mlx::core {
namespace {

using gpu::Size3;
using Dialect = CustomKernelText::Language;

/// A part of a grid in one dimension: groups of one size.
struct Part {
  uint64_t first, groups, threads;
};

/// Whole groups, and then what is left of the threads: as Metal divides a grid.
std::vector<Part> parts_of(int grid, int threadgroup, uint64_t most_groups) {
  std::vector<Part> parts;
  const auto threads = uint64_t(threadgroup), whole = uint64_t(grid) / threads;
  for (uint64_t first = 0; first < whole; first += most_groups)
    parts.push_back({first, std::min(most_groups, whole - first), threads});
  if (uint64_t rest = uint64_t(grid) % threads) parts.push_back({whole, 1, rest});
  return parts;
}

/// Groups of CUDA all have one size; kernels look themselves where the grid ends.
std::vector<Part> whole_parts_of(int grid, int threadgroup, uint64_t most_groups) {
  if (grid == 0) return {};
  const auto threads = uint64_t(std::min(grid, threadgroup));
  const uint64_t groups = (uint64_t(grid) + threads - 1) / threads;
  if (groups > most_groups) return {{0, most_groups + 1, threads}};
  return {{0, groups, threads}};
}

/// Runs one call of a caller's kernel.
class CustomLaunch {
 public:
  CustomLaunch(const CustomKernelText& text, const CustomKernelCall& call,
               const std::vector<array>& inputs, std::vector<array>& outputs)
      : text_(text), call_(call), outputs_(outputs) {
    for (auto& input : inputs)
      inputs_.push_back(text.ensure_row_contiguous ? gpu::row_contiguous(input) : input);
    for (auto& output : outputs_) {
      gpu::allocate(output);
      if (call.init_value) gpu::fill_with(array(*call.init_value, output.dtype()), output);
      dtypes_.push_back(output.dtype());
    }
  }

  void run() {
    gpu::Encoder encoder;
    std::vector<gpu::Argument> arguments;
    for (auto& input : inputs_) {
      gpu::CustomOperand operand{input.dtype(), gpu::shape_of(input), gpu::strides_of(input)};
      const void* value = nullptr;
      if (operand.is_number() && text_.language != Dialect::binary) value = gpu::host_scalar(input);
      operand.by_value = value != nullptr;
      operands_.push_back(operand);
      if (value)
        arguments.emplace_back(value, size_t(input.itemsize()));
      else
        arguments.push_back(input.size() == 0 ? nothing() : encoder.read(input).read());
    }
    for (auto& output : outputs_)
      arguments.push_back(output.size() == 0 ? nothing() : encoder.write(output).update());
    encoder.encode([&](gpu::Commands& commands) { encode(commands, std::move(arguments)); });
  }

 private:
  /// Stands for memory that isn't there.
  static gpu::Argument nothing() {
    static constexpr uint64_t null = 0;
    return {&null, sizeof(null)};
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw EngineError(
        concat_text("[", text_.function(), "] The kernel \"", text_.name, "\" ", reason));
  }

  const gpu::Kernel& compile(gpu::Commands& commands, const gpu::CustomSource& source) const {
    if (call_.verbose) {
      auto made = source.source();
      std::cout << "The kernel \"" << text_.name << "\" as it is compiled:\n"
                << made.entry << std::flush;
    }
    try {
      return commands.kernels().get(source.key(), [&] { return source.source(); });
    } catch (const EngineError& error) {
      // The compiler's words, without the name that they begin with.
      std::string_view words = error.what();
      if (words.starts_with("[")) words.remove_prefix(std::min(words.find("] ") + 2, words.size()));
      refuse(concat_text("can't be made. ", words));
    }
  }

  void encode(gpu::Commands& commands, std::vector<gpu::Argument> arguments) {
    auto& limits = commands.device().limits();
    if (limits.language == gpu::Language::program) refuse("can't run on " + limits.name + ".");
    const bool is_cuda = text_.language != Dialect::metal;
    if (is_cuda && limits.language != gpu::Language::cuda)
      refuse("is for CUDA, which " + limits.name + " has none of.");
    if (arguments.size() + 1 > limits.max_buffers)
      refuse(concat_text("has ", arguments.size(), " inputs and outputs; ", limits.name, " takes ",
                         limits.max_buffers - 1, "."));
    gpu::CustomSource source(limits.language, text_, call_, operands_, dtypes_);
    auto& kernel = compile(commands, source);
    std::array<std::vector<Part>, 3> parts;
    for (size_t d = 0; d < 3; ++d) {
      parts[d] = (is_cuda ? whole_parts_of : parts_of)(call_.grid[d], call_.threadgroup[d],
                                                       limits.max_groups[d]);
      for (auto& part : parts[d])
        if (part.groups > limits.max_groups[d])
          refuse(concat_text("has a grid of ", part.groups, " groups in dimension ", d, "; ",
                             limits.name, " takes ", limits.max_groups[d], "."));
    }
    for (auto& z : parts[2])
      for (auto& y : parts[1])
        for (auto& x : parts[0]) launch(commands, kernel, source, arguments, {x, y, z});
  }

  void launch(gpu::Commands& commands, const gpu::Kernel& kernel, const gpu::CustomSource& source,
              std::vector<gpu::Argument> arguments, const std::array<Part, 3>& part) const {
    auto& [x, y, z] = part;
    const uint64_t threads = x.threads * y.threads * z.threads;
    const uint32_t most = std::min(kernel.max_threads(), 1024u);
    if (threads > most ||
        (z.threads > 64 && commands.device().limits().language == gpu::Language::cuda))
      refuse(concat_text("has groups of ", x.threads, " x ", y.threads, " x ", z.threads,
                         " threads; it can have ", most, " there, 64 of them in the last ",
                         "dimension."));
    std::string numbers;
    if (text_.language == Dialect::binary) {
      for (auto& scalar : call_.scalars)
        std::visit([&](auto& value) { arguments.push_back(gpu::Argument::value(value)); }, scalar);
    } else {
      numbers = source.arguments({x.first, y.first, z.first});
      if (numbers.size() > commands.device().limits().max_value_bytes)
        refuse("has inputs of so many axes that their shapes and strides don't fit into " +
               std::to_string(commands.device().limits().max_value_bytes) + " bytes.");
      arguments.emplace_back(numbers.data(), numbers.size());
    }
    commands.queue().launch(kernel, {x.groups, y.groups, z.groups},
                            {x.threads, y.threads, z.threads}, uint32_t(text_.shared_memory),
                            arguments);
  }

  const CustomKernelText& text_;
  const CustomKernelCall& call_;
  std::vector<array> inputs_;
  std::vector<array>& outputs_;
  std::vector<gpu::CustomOperand> operands_;
  std::vector<Dtype::Val> dtypes_;
};

}  // namespace

void CustomKernel::eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  CustomLaunch(*text_, call_, inputs, outputs).run();
}

}  // namespace mlx::core
