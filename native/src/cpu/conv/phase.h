#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cpu/conv/conv.h"

namespace mlx::core::cpu {

/// An axis of a convolution without input dilation: output first_output + t * output_step is the
/// sum over taps j of the input at first_input + (t * stride + j * dilation) * input_step, times
/// the kernel's element first_tap + j * tap_step.
struct AxisPhase {
  int64_t outputs, first_output, output_step;
  int64_t taps, first_tap, tap_step;
  int64_t first_input, input_step;
  int64_t stride, dilation;

  /// Inputs, input_step apart, under a number of neighbouring outputs.
  int64_t extent(int64_t count) const {
    return taps == 0 ? 0 : (count - 1) * stride + (taps - 1) * dilation + 1;
  }
};

using Phase = std::array<AxisPhase, 3>;

/// Sizes and strides with three spatial axes; those that are missing have size one and come first.
struct ConvLayout {
  int64_t batch, groups, group_inputs, group_outputs;
  std::array<int64_t, 3> input_size, kernel_size, output_size;

  ConvLayout(std::span<const int32_t> input, std::span<const int32_t> weight,
             std::span<const int32_t> output, int groups);

  int64_t taps() const { return kernel_size[0] * kernel_size[1] * kernel_size[2]; }
};

/// Takes a convolution apart into such without input dilation: outputs that meet the same kernel
/// elements in the same distances. No output and no kernel element is in two phases; outputs that
/// meet no kernel element, which are zero, are in none.
std::vector<Phase> make_phases(const ConvLayout& layout, const ConvGeometry& geometry);

/// Batch, three spatial and channel strides of memory that has 1 to 3 spatial axes.
std::array<int64_t, 5> five_strides(std::span<const int64_t> strides);

}  // namespace mlx::core::cpu
