#include "gpu/arrays.h"
#include "gpu/conv.h"
#include "primitives/conv.h"

namespace mlx::core {
namespace {

gpu::ConvGeometry geometry(const ConvolutionParameters& p) {
  return {p.stride, p.padding_lo, p.kernel_dilation, p.input_dilation, p.groups, p.flip};
}

}  // namespace

void Convolution::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto input = encoder.strided(inputs[0]), weight = encoder.strided(inputs[1]);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::conv_forward(commands, input, weight, geometry(parameters_), gpu::shape_of(output), to);
  });
}

void ConvolutionWeightGradient::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto input = encoder.strided(inputs[0]), cotangent = encoder.strided(inputs[1]);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::conv_weight_gradient(commands, input, cotangent, geometry(parameters_),
                              gpu::shape_of(output), to);
  });
}

}  // namespace mlx::core
