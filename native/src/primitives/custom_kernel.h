#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mlx/fast.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// A kernel that a caller wrote, as it was declared.
struct CustomKernelText {
  enum class Language : uint8_t { metal, cuda, binary };

  Language language;
  std::string name;
  std::vector<std::string> input_names, output_names;
  /// The body of the kernel's function and what stands before it, or the compiled kernel.
  std::string source, header;
  bool ensure_row_contiguous = true;
  bool atomic_outputs = false;
  MathMode math_mode = MathMode::Safe;
  /// Bytes that the threads of a group share beside what the source declares.
  int shared_memory = 0;

  bool operator==(const CustomKernelText&) const = default;

  /// The function that made it, which errors begin with.
  const char* function() const;
};

/// How one call runs it. The grid counts threads.
struct CustomKernelCall {
  std::array<int, 3> grid, threadgroup;
  std::vector<std::pair<std::string, fast::TemplateArg>> template_arguments;
  /// By value, after the arrays; of compiled kernels only.
  std::vector<fast::ScalarArg> scalars;
  std::optional<float> init_value;
  bool verbose = false;

  bool operator==(const CustomKernelCall&) const = default;
};

/// A kernel that a caller wrote, on GPUs that know its language.
class CustomKernel : public Parametric<CustomKernel, Primitive> {
 public:
  CustomKernel(Stream stream, std::shared_ptr<const CustomKernelText> text, CustomKernelCall call)
      : Parametric(stream), text_(std::move(text)), call_(std::move(call)) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return text_->function(); }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(*text_, call_); }

 private:
  [[noreturn]] void lacks(const char* what) const;

  std::shared_ptr<const CustomKernelText> text_;
  CustomKernelCall call_;
};

}  // namespace mlx::core
