#include "cpu/array_view.h"
#include "cpu/conv/conv.h"
#include "primitives/conv.h"

namespace mlx::core {

void Convolution::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  auto input = cpu::input_view(inputs[0]), weight = cpu::input_view(inputs[1]);
  auto result = cpu::output_view(output);
  const auto& p = parameters_;
  cpu::convolve({output.dtype(), input.data, input.shape, input.strides, weight.data, weight.shape,
                 weight.strides, result.data, result.shape, p.stride, p.padding_lo,
                 p.kernel_dilation, p.input_dilation, p.groups, p.flip});
}

}  // namespace mlx::core
