#include "cpu/array_view.h"
#include "cpu/normalization/normalization.h"
#include "primitives/normalization.h"

namespace mlx::core {
namespace {

cpu::NormalizationArgs arguments(NormalizationKind kind, float eps, const array& x,
                                 const array& weight) {
  const int64_t columns = x.shape(-1);
  return {.dtype = x.dtype(),
          .kind = kind,
          .eps = double(eps),
          .rows = columns == 0 ? 0 : int64_t(x.size()) / columns,
          .columns = columns,
          .x = x.data<void>(),
          .weight = weight.data<void>()};
}

}  // namespace

void Normalization::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  array x = cpu::row_contiguous(inputs[0]), weight = cpu::row_contiguous(inputs[1]);
  const auto args = arguments(kind_, eps_, x, weight);
  if (kind_ == NormalizationKind::rms) return cpu::normalize(args, nullptr, output.data<void>());
  array bias = cpu::row_contiguous(inputs[2]);
  cpu::normalize(args, bias.data<void>(), output.data<void>());
}

void NormalizationGradient::eval_cpu(const std::vector<array>& inputs,
                                     std::vector<array>& outputs) {
  for (auto& output : outputs) cpu::allocate(output);
  array x = cpu::row_contiguous(inputs[0]), weight = cpu::row_contiguous(inputs[1]);
  array dy = cpu::row_contiguous(inputs[2]);
  void* d_bias = kind_ == NormalizationKind::layer ? outputs[2].data<void>() : nullptr;
  cpu::normalize_gradient(arguments(kind_, eps_, x, weight), dy.data<void>(),
                          outputs[0].data<void>(), outputs[1].data<void>(), d_bias);
}

}  // namespace mlx::core
