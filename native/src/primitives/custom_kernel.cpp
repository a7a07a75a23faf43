#include "primitives/custom_kernel.h"

#include "mlx/utils.h"

namespace mlx::core {

const char* CustomKernelText::function() const {
  switch (language) {
    case Language::metal:
      return "metal_kernel";
    case Language::cuda:
      return "cuda_kernel";
    case Language::binary:
      break;
  }
  return "precompiled_cuda_kernel";
}

void CustomKernel::lacks(const char* what) const {
  throw EngineError(concat_text("[", name(), "] The kernel \"", text_->name, "\" has no ", what));
}

void CustomKernel::eval_cpu(const std::vector<array>&, std::vector<array>&) {
  lacks("form for the CPU.");
}

std::vector<array> CustomKernel::jvp(const std::vector<array>&, const std::vector<array>&,
                                     const std::vector<int>&) {
  lacks(
      "rule for forward differentiation (jvp). Wrap its call in a custom function that gives one.");
}

std::vector<array> CustomKernel::vjp(const std::vector<array>&, const std::vector<array>&,
                                     const std::vector<int>&, const std::vector<array>&) {
  lacks("gradient (vjp). Wrap its call in a custom function that gives one.");
}

std::pair<std::vector<array>, std::vector<int>> CustomKernel::vmap(const std::vector<array>&,
                                                                   const std::vector<int>&) {
  lacks("rule for vectorisation (vmap). Wrap its call in a custom function that gives one.");
}

std::vector<Shape> CustomKernel::output_shapes(const std::vector<array>&) {
  lacks("rule for the shapes of its outputs, so it can't be compiled without shapes.");
}

}  // namespace mlx::core
