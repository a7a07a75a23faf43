#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// One value for each of the 1 to 3 spatial axes, as cpu/conv has them: output o meets input i at
/// kernel element k where o * stride + k * kernel_dilation = i * input_dilation + padding_low, with
/// k counted from the end when `flip`.
struct ConvGeometry {
  std::span<const int> stride, padding_low, kernel_dilation, input_dilation;
  int groups = 1;
  bool flip = false;
};

/// output[n, spatial..., o] = sum over the kernel and the group's c of input[n, spatial..., c]
/// times weight[o, kernel..., c]. The output is row-contiguous of that shape, all are of one dtype.
void conv_forward(Commands& commands, const StridedPlace& input, const StridedPlace& weight,
                  const ConvGeometry& geometry, std::span<const int32_t> output_shape,
                  Place output);

/// weight_gradient[o, kernel..., c] = sum over n and the outputs of input times cotangent: the
/// derivative of conv_forward with this geometry.
void conv_weight_gradient(Commands& commands, const StridedPlace& input,
                          const StridedPlace& cotangent, const ConvGeometry& geometry,
                          std::span<const int32_t> weight_shape, Place weight_gradient);

}  // namespace mlx::core::gpu
