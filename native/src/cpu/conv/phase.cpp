#include "cpu/conv/phase.h"

#include <numeric>

namespace mlx::core::cpu {
namespace {

int64_t remainder(int64_t a, int64_t b) { return (a % b + b) % b; }

/// The phases of one axis, by the position o * stride + k * kernel_dilation - padding in the
/// dilated input: it must be a multiple of the input dilation.
std::vector<AxisPhase> axis_phases(int64_t outputs, int64_t kernel, int64_t stride, int64_t padding,
                                   int64_t kernel_dilation, int64_t input_dilation, bool flip) {
  const int64_t output_period = input_dilation / std::gcd(stride, input_dilation);
  const int64_t tap_period = input_dilation / std::gcd(kernel_dilation, input_dilation);
  std::vector<AxisPhase> phases;
  for (int64_t o = 0; o < std::min(outputs, output_period); ++o) {
    AxisPhase phase{};
    phase.outputs = (outputs - o + output_period - 1) / output_period;
    phase.first_output = o;
    phase.output_step = output_period;
    phase.stride = output_period * stride / input_dilation;
    phase.dilation = tap_period * kernel_dilation / input_dilation;
    phase.input_step = 1;
    for (int64_t k = 0; k < std::min(kernel, tap_period); ++k) {
      const int64_t position = o * stride + k * kernel_dilation - padding;
      if (remainder(position, input_dilation) != 0) continue;
      phase.taps = (kernel - k + tap_period - 1) / tap_period;
      phase.first_tap = flip ? kernel - 1 - k : k;
      phase.tap_step = flip ? -tap_period : tap_period;
      phase.first_input = position / input_dilation;
    }
    // With a large dilation most outputs are such.
    if (phase.taps == 0) continue;
    // Inputs that no tap meets needn't be looked at.
    if (phase.taps == 1) phase.dilation = phase.stride;
    phase.input_step = std::gcd(phase.stride, phase.dilation);
    phase.stride /= phase.input_step;
    phase.dilation /= phase.input_step;
    phases.push_back(phase);
  }
  return phases;
}

template <typename Size>
std::array<int64_t, 3> spatial(std::span<const Size> shape) {
  std::array<int64_t, 3> sizes{1, 1, 1};
  const size_t axes = shape.size() - 2;
  for (size_t i = 0; i < axes; ++i) sizes[3 - axes + i] = shape[i + 1];
  return sizes;
}

}  // namespace

ConvLayout::ConvLayout(std::span<const int32_t> input, std::span<const int32_t> weight,
                       std::span<const int32_t> output, int group_count)
    : batch(input.front()),
      groups(group_count),
      group_inputs(weight.back()),
      group_outputs(weight.front() / group_count),
      input_size(spatial(input)),
      kernel_size(spatial(weight)),
      output_size(spatial(output)) {}

std::vector<Phase> make_phases(const ConvLayout& layout, const ConvGeometry& geometry) {
  std::array<std::vector<AxisPhase>, 3> axes;
  const size_t missing = 3 - geometry.stride.size();
  for (size_t i = 0; i < 3; ++i) {
    const int64_t outputs = layout.output_size[i], kernel = layout.kernel_size[i];
    if (i < missing)
      axes[i] = axis_phases(outputs, kernel, 1, 0, 1, 1, false);
    else
      axes[i] =
          axis_phases(outputs, kernel, geometry.stride[i - missing],
                      geometry.padding_low[i - missing], geometry.kernel_dilation[i - missing],
                      geometry.input_dilation[i - missing], geometry.flip);
  }
  std::vector<Phase> phases;
  for (const AxisPhase& first : axes[0])
    for (const AxisPhase& second : axes[1])
      for (const AxisPhase& third : axes[2]) phases.push_back({first, second, third});
  return phases;
}

std::array<int64_t, 5> five_strides(std::span<const int64_t> strides) {
  const auto inner = spatial(strides);
  return {strides.front(), inner[0], inner[1], inner[2], strides.back()};
}

}  // namespace mlx::core::cpu
