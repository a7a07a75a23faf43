#pragma once

#include <cstdint>

#include "cpu/conv/conv.h"

namespace mlx::core::cpu {

/// A convolution's sizes over three spatial axes; the leading ones are 1 when there are fewer.
struct Geometry {
  int64_t batch, channels, outputs, groups;
  int64_t group_channels, group_outputs;
  int64_t input[3], kernel[3], output[3];
  int64_t stride[3], padding[3], kernel_dilation[3], input_dilation[3];
  bool flip;

  Geometry(std::span<const int32_t> in, std::span<const int32_t> weight, const ConvGeometry& g,
           std::span<const int32_t> out)
      : batch(in.front()),
        channels(in.back()),
        outputs(out.back()),
        groups(g.groups),
        group_channels(weight.back()),
        group_outputs(outputs / groups),
        flip(g.flip) {
    size_t axes = g.stride.size();
    for (size_t d = 0; d < 3; ++d) {
      bool absent = d + axes < 3;
      size_t i = absent ? 0 : d + axes - 3;
      input[d] = absent ? 1 : in[i + 1];
      kernel[d] = absent ? 1 : weight[i + 1];
      output[d] = absent ? 1 : out[i + 1];
      stride[d] = absent ? 1 : g.stride[i];
      padding[d] = absent ? 0 : g.padding_low[i];
      kernel_dilation[d] = absent ? 1 : g.kernel_dilation[i];
      input_dilation[d] = absent ? 1 : g.input_dilation[i];
    }
  }

  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t output_pixels() const { return batch * output[0] * output[1] * output[2]; }

  /// The input's index along an axis under kernel element k of output o, or -1 for padding.
  int64_t input_index(int axis, int64_t o, int64_t k) const {
    if (flip) k = kernel[axis] - 1 - k;
    int64_t at = o * stride[axis] + k * kernel_dilation[axis] - padding[axis];
    if (at < 0 || at % input_dilation[axis] != 0) return -1;
    at /= input_dilation[axis];
    return at < input[axis] ? at : -1;
  }
};

/// The forward pass and the weight's gradient for float32, float16 and bfloat16.
void conv_im2col(const StridedInput& input, const StridedInput& weight, const Geometry& geometry,
                 const StridedOutput& output);
void weight_gradient_im2col(const StridedInput& input, const StridedInput& cotangent,
                            const Geometry& geometry, const StridedOutput& gradient);

/// The same for any other dtype, by the definition.
void conv_direct(const StridedInput& input, const StridedInput& weight, const Geometry& geometry,
                 const StridedOutput& output);
void weight_gradient_direct(const StridedInput& input, const StridedInput& cotangent,
                            const Geometry& geometry, const StridedOutput& gradient);

}  // namespace mlx::core::cpu
