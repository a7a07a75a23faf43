#include "primitives/conv.h"

#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {
namespace {

array flip_spatial(const array& a, const Stream& s) {
  std::vector<int> axes;
  for (int i = 1; i + 1 < int(a.ndim()); ++i) axes.push_back(i);
  return flip(a, axes, s);
}

/// Splits an axis into groups and the rest, and moves the groups in front of another axis.
array move_groups(const array& a, int from, int to, int groups, const Stream& s) {
  if (groups == 1) return a;
  array split = unflatten(a, from, {groups, a.shape(from) / groups}, s);
  array moved = moveaxis(split, from, to, s);
  return flatten(moved, to, to + 1, s);
}

}  // namespace

int checked_size(int64_t size) {
  if (size > std::numeric_limits<int>::max() || size < std::numeric_limits<int>::min())
    throw ShapeError(concat_text("[conv] A size or padding of ", size, " is out of range."));
  return int(size);
}

Shape convolution_shape(const Shape& input, const Shape& weight,
                        const ConvolutionParameters& parameters) {
  Shape shape = input;
  shape.back() = weight[0];
  for (size_t i = 0; i < parameters.stride.size(); ++i) {
    int64_t space = extent(input[i + 1], parameters.input_dilation[i]) + parameters.padding_lo[i] +
                    parameters.padding_hi[i];
    int64_t kernel = extent(weight[i + 1], parameters.kernel_dilation[i]);
    shape[i + 1] = space < kernel ? 0 : checked_size((space - kernel) / parameters.stride[i] + 1);
  }
  return shape;
}

array Convolution::apply(const array& input, const array& weight, int groups) const {
  const auto& p = parameters_;
  return conv_general(input, weight, p.stride, p.padding_lo, p.padding_hi, p.kernel_dilation,
                      p.input_dilation, groups, p.flip, stream());
}

std::vector<array> Convolution::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents,
                                    const std::vector<int>& argnums) {
  auto part = [&](size_t i) {
    return argnums[i] == 0 ? apply(tangents[i], primals[1], parameters_.groups)
                           : apply(primals[0], tangents[i], parameters_.groups);
  };
  array total = part(0);
  return {argnums.size() > 1 ? add(total, part(1), stream()) : total};
}

std::vector<array> Convolution::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents,
                                    const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums)
    results.push_back(argnum == 0 ? input_gradient(primals[0], primals[1], cotangents[0])
                                  : weight_gradient(primals[0], primals[1], cotangents[0]));
  return results;
}

// Output o meets input i at kernel element k where o * stride + k * kernel_dilation =
// i * input_dilation + padding_lo. Both gradients are convolutions that read this equation in
// another direction; the padding at the far end gives them just the wanted size.

array Convolution::input_gradient(const array& input, const array& weight,
                                  const array& cotangent) const {
  if (input.size() == 0 || cotangent.size() == 0) return zeros_like(input, stream());
  const auto& p = parameters_;
  std::vector<int> lo, hi;
  for (size_t i = 0; i < p.stride.size(); ++i) {
    int64_t kernel = extent(weight.shape(int(i) + 1), p.kernel_dilation[i]);
    int64_t wanted = extent(input.shape(int(i) + 1), p.input_dilation[i]) + kernel - 1;
    lo.push_back(checked_size(kernel - 1 - p.padding_lo[i]));
    hi.push_back(
        checked_size(wanted - extent(cotangent.shape(int(i) + 1), p.stride[i]) - lo.back()));
  }
  // Kernels from output to input channels, group by group.
  array grouped = p.groups == 1
                      ? weight
                      : unflatten(weight, 0, {p.groups, weight.shape(0) / p.groups}, stream());
  array swapped = swapaxes(grouped, p.groups == 1 ? 0 : 1, -1, stream());
  array turned = p.groups == 1 ? swapped : flatten(swapped, 0, 1, stream());
  return conv_general(cotangent, turned, p.input_dilation, lo, hi, p.kernel_dilation, p.stride,
                      p.groups, !p.flip, stream());
}

array Convolution::weight_gradient(const array& input, const array& weight,
                                   const array& cotangent) const {
  if (weight.size() == 0 || input.size() == 0 || cotangent.size() == 0)
    return zeros_like(weight, stream());
  const auto& p = parameters_;
  std::vector<int> hi;
  for (size_t i = 0; i < p.stride.size(); ++i) {
    int64_t wanted = extent(weight.shape(int(i) + 1), p.kernel_dilation[i]) +
                     extent(cotangent.shape(int(i) + 1), p.stride[i]) - 1;
    hi.push_back(checked_size(wanted - extent(input.shape(int(i) + 1), p.input_dilation[i]) -
                              p.padding_lo[i]));
  }
  // Channels take the place of the batch, and the batch that of the channels of each group.
  int last = int(input.ndim()) - 1;
  array images = swapaxes(input, 0, last, stream());
  images = move_groups(images, 0, last, p.groups, stream());
  array kernels = swapaxes(cotangent, 0, last, stream());
  array result = conv_general(images, kernels, p.kernel_dilation, p.padding_lo, hi, p.stride,
                              p.input_dilation, p.groups, false, stream());
  result = swapaxes(result, 0, last, stream());
  return p.flip ? flip_spatial(result, stream()) : result;
}

std::pair<std::vector<array>, std::vector<int>> Convolution::vmap(const std::vector<array>& inputs,
                                                                  const std::vector<int>& axes) {
  const Stream& s = stream();
  int groups = parameters_.groups;
  int size = mapped_axis_size(inputs, axes);
  if (axes[1] < 0) {
    // More of the batch.
    array input = mapped_axis_first(inputs[0], axes[0], s);
    int batch = input.shape(1);
    array result = apply(flatten(input, 0, 1, s), inputs[1], groups);
    return {{unflatten(result, 0, {size, batch}, s)}, {0}};
  }
  array weight = mapped_axis_first(inputs[1], axes[1], s);
  int channels = weight.shape(1);
  if (axes[0] < 0) {
    // More output channels in each group.
    weight = move_groups(weight, 1, 0, groups, s);
    array result = apply(inputs[0], flatten(weight, 0, 1, s), groups);
    int last = int(result.ndim()) - 1;
    result = unflatten(result, last, {groups, size, channels / groups}, s);
    return {{flatten(moveaxis(result, last + 1, 0, s), -2, -1, s)}, {0}};
  }
  // More groups.
  array input = moveaxis(inputs[0], axes[0], int(inputs[0].ndim()) - 2, s);
  array result = apply(flatten(input, -2, -1, s), flatten(weight, 0, 1, s), size * groups);
  int last = int(result.ndim()) - 1;
  return {{unflatten(result, last, {size, channels}, s)}, {last}};
}

std::vector<Shape> Convolution::output_shapes(const std::vector<array>& inputs) {
  return {convolution_shape(inputs[0].shape(), inputs[1].shape(), parameters_)};
}

}  // namespace mlx::core
