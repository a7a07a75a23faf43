#pragma once

#include <cstdint>
#include <span>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

/// One value for each of the 1 to 3 spatial axes. Output o meets input i at kernel element k where
/// o * stride + k * kernel_dilation = i * input_dilation + padding_low, with k counted from the end
/// when `flip`. Padding at the high end follows from the output's shape.
struct ConvGeometry {
  std::span<const int> stride;
  /// May be negative, which crops the input.
  std::span<const int> padding_low;
  std::span<const int> kernel_dilation;
  std::span<const int> input_dilation;
  int groups = 1;
  bool flip = false;
};

/// output[n, spatial..., o] = sum over the kernel and c of input[n, spatial..., c] times
/// weight[o, kernel..., c], c over the channels of o's group. All of one dtype; the output is
/// row-contiguous, the others have any strides. Half types are summed in float32 and rounded once.
/// Padding is zeros; where they meet an infinite or NaN weight either of 0 and NaN may be added.
/// The bits don't depend on the number of threads.
void conv_forward(const StridedInput& input, const StridedInput& weight,
                  const ConvGeometry& geometry, const StridedOutput& output);

/// weight_gradient[o, kernel..., c] = sum over n and the outputs of input[n, spatial..., c] times
/// cotangent[n, spatial..., o], without conjugation: the derivative of conv_forward with this
/// geometry. Otherwise like conv_forward.
void conv_weight_gradient(const StridedInput& input, const StridedInput& cotangent,
                          const ConvGeometry& geometry, const StridedOutput& weight_gradient);

}  // namespace mlx::core::cpu
