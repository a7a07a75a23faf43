#include "cpu/array_view.h"
#include "cpu/conv/conv.h"
#include "primitives/conv.h"

namespace mlx::core {
namespace {

cpu::ConvGeometry geometry(const ConvolutionParameters& p) {
  return {p.stride, p.padding_lo, p.kernel_dilation, p.input_dilation, p.groups, p.flip};
}

}  // namespace

void Convolution::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::conv_forward(cpu::input_view(inputs[0]), cpu::input_view(inputs[1]), geometry(parameters_),
                    cpu::output_view(output));
}

void ConvolutionWeightGradient::eval_cpu(const std::vector<array>& inputs, array& output) {
  cpu::allocate(output);
  cpu::conv_weight_gradient(cpu::input_view(inputs[0]), cpu::input_view(inputs[1]),
                            geometry(parameters_), cpu::output_view(output));
}

}  // namespace mlx::core
