#pragma once

#include <cstdint>
#include <span>

#include "mlx/dtype.h"

namespace mlx::core {

/// A convolution over up to three spatial dimensions, channels last. Strides in elements.
struct ConvolutionProblem {
  Dtype::Val dtype;
  /// (n, spatial..., c_in).
  const void* input;
  std::span<const int32_t> input_shape;
  std::span<const int64_t> input_strides;
  /// (c_out, kernel..., c_in / groups).
  const void* weight;
  std::span<const int32_t> weight_shape;
  std::span<const int64_t> weight_strides;
  /// (n, spatial..., c_out), row-contiguous.
  void* output;
  std::span<const int32_t> output_shape;

  /// One value a spatial dimension.
  std::span<const int> stride;
  std::span<const int> padding_low;
  std::span<const int> kernel_dilation;
  std::span<const int> input_dilation;
  int groups;
  /// Turns the kernel around.
  bool flip;
};

/// Computes the output. Floating sums are at least float32; the split over threads depends on the
/// shapes alone.
void convolve(const ConvolutionProblem& problem);

}  // namespace mlx::core
