#include "primitives/conv.h"

#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {
namespace {

using Parameters = ConvolutionParameters;

array convolve(const array& input, const array& weight, const Parameters& p, const Stream& s) {
  return conv_general(input, weight, p.stride, p.padding_lo, p.padding_hi, p.kernel_dilation,
                      p.input_dilation, p.groups, p.flip, s);
}

/// From output to input channels, group by group.
array swap_channels(const array& weight, int groups, const Stream& s) {
  if (groups == 1) return swapaxes(weight, 0, -1, s);
  array grouped = unflatten(weight, 0, {groups, weight.shape(0) / groups}, s);
  return flatten(swapaxes(grouped, 1, -1, s), 0, 1, s);
}

/// Output o meets input i at kernel element k where o * stride + k * kernel_dilation =
/// i * input_dilation + padding_lo. Read the other way round, this is a convolution of the
/// cotangent; the padding at the far end gives it the input's size.
array input_gradient(const Shape& input, const array& weight, const array& cotangent,
                     const Parameters& p, const Stream& s) {
  if (weight.size() == 0 || cotangent.size() == 0) return zeros(input, cotangent.dtype(), s);
  Parameters back = p;
  std::swap(back.stride, back.input_dilation);
  back.flip = !p.flip;
  for (size_t i = 0; i < p.stride.size(); ++i) {
    int64_t kernel = extent(weight.shape(int(i) + 1), p.kernel_dilation[i]);
    int64_t wanted = extent(input[i + 1], p.input_dilation[i]) + kernel - 1;
    int64_t given = extent(cotangent.shape(int(i) + 1), p.stride[i]);
    back.padding_lo[i] = checked_size(kernel - 1 - p.padding_lo[i]);
    back.padding_hi[i] = checked_size(wanted - given - back.padding_lo[i]);
  }
  return convolve(cotangent, conjugate(swap_channels(weight, p.groups, s), s), back, s);
}

array weight_gradient(const array& input, const Shape& weight, const array& cotangent,
                      const Parameters& p, const Stream& s) {
  auto primitive = std::make_shared<ConvolutionWeightGradient>(s, p, weight);
  return array(weight, cotangent.dtype(), std::move(primitive), {input, cotangent});
}

/// The first axis joined to the last, in front of it: for channels of more groups.
array join_channels(const array& a, const Stream& s) {
  return flatten(moveaxis(a, 0, -2, s), -2, -1, s);
}

/// The sum of the derivatives of a function that is linear in two arguments.
template <typename Part>
std::vector<array> bilinear_jvp(const std::vector<array>& primals,
                                const std::vector<array>& tangents, const std::vector<int>& argnums,
                                const Stream& s, Part part) {
  auto derivative = [&](size_t i) {
    return argnums[i] == 0 ? part(tangents[i], primals[1]) : part(primals[0], tangents[i]);
  };
  array total = derivative(0);
  return {argnums.size() > 1 ? add(total, derivative(1), s) : total};
}

}  // namespace

int checked_size(int64_t size) {
  if (size > std::numeric_limits<int>::max() || size < std::numeric_limits<int>::min())
    throw ShapeError(concat_text("[conv] A size or padding of ", size, " is out of range."));
  return int(size);
}

Shape convolution_shape(const Shape& input, const Shape& weight, const Parameters& parameters) {
  Shape shape = input;
  shape.back() = weight[0];
  for (size_t i = 0; i < parameters.stride.size(); ++i) {
    int64_t space = extent(input[i + 1], parameters.input_dilation[i]) + parameters.padding_lo[i] +
                    parameters.padding_hi[i];
    int64_t kernel = extent(weight[i + 1], parameters.kernel_dilation[i]);
    if (space < kernel)
      throw ShapeError(concat_text("[conv] The padded input of shape ", input,
                                   " is smaller than the dilated kernel of shape ", weight,
                                   " along spatial axis ", i, "."));
    shape[i + 1] = checked_size((space - kernel) / parameters.stride[i] + 1);
  }
  return shape;
}

// ---- Convolution

std::vector<array> Convolution::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents,
                                    const std::vector<int>& argnums) {
  return bilinear_jvp(primals, tangents, argnums, stream(), [&](const array& x, const array& w) {
    return convolve(x, w, parameters_, stream());
  });
}

std::vector<array> Convolution::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents,
                                    const std::vector<int>& argnums, const std::vector<array>&) {
  const array &input = primals[0], &weight = primals[1], &cotangent = cotangents[0];
  std::vector<array> results;
  for (int argnum : argnums)
    results.push_back(argnum == 0
                          ? input_gradient(input.shape(), weight, cotangent, parameters_, stream())
                          : weight_gradient(conjugate(input, stream()), weight.shape(), cotangent,
                                            parameters_, stream()));
  return results;
}

std::pair<std::vector<array>, std::vector<int>> Convolution::vmap(const std::vector<array>& inputs,
                                                                  const std::vector<int>& axes) {
  const Stream& s = stream();
  int size = mapped_axis_size(inputs, axes);
  if (axes[1] < 0) {
    // More of the batch.
    array input = mapped_axis_first(inputs[0], axes[0], s);
    array result = convolve(flatten(input, 0, 1, s), inputs[1], parameters_, s);
    return {{unflatten(result, 0, {size, input.shape(1)}, s)}, {0}};
  }
  array weight = mapped_axis_first(inputs[1], axes[1], s);
  int channels = weight.shape(1), groups = parameters_.groups;
  if (axes[0] < 0) {
    // More output channels in each group.
    array grouped = unflatten(weight, 1, {groups, channels / groups}, s);
    grouped = flatten(moveaxis(grouped, 1, 0, s), 0, 2, s);
    array result = convolve(inputs[0], grouped, parameters_, s);
    result = unflatten(result, -1, {groups, size, channels / groups}, s);
    return {{flatten(moveaxis(result, -2, 0, s), -2, -1, s)}, {0}};
  }
  // More groups.
  Parameters p = parameters_;
  p.groups *= size;
  array input = join_channels(mapped_axis_first(inputs[0], axes[0], s), s);
  array result = convolve(input, flatten(weight, 0, 1, s), p, s);
  int last = int(result.ndim()) - 1;
  return {{unflatten(result, last, {size, channels}, s)}, {last}};
}

std::vector<Shape> Convolution::output_shapes(const std::vector<array>& inputs) {
  return {convolution_shape(inputs[0].shape(), inputs[1].shape(), parameters_)};
}

// ---- ConvolutionWeightGradient

std::vector<array> ConvolutionWeightGradient::jvp(const std::vector<array>& primals,
                                                  const std::vector<array>& tangents,
                                                  const std::vector<int>& argnums) {
  return bilinear_jvp(primals, tangents, argnums, stream(), [&](const array& x, const array& g) {
    return weight_gradient(x, weight_shape_, g, parameters_, stream());
  });
}

std::vector<array> ConvolutionWeightGradient::vjp(const std::vector<array>& primals,
                                                  const std::vector<array>& cotangents,
                                                  const std::vector<int>& argnums,
                                                  const std::vector<array>&) {
  const array &input = primals[0], &gradient = primals[1], &cotangent = cotangents[0];
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum == 0) {
      // The input meets the cotangent's elements where it met the weight's.
      array along = conjugate(gradient, stream());
      array weight = conjugate(cotangent, stream());
      results.push_back(input_gradient(input.shape(), weight, along, parameters_, stream()));
    } else {
      results.push_back(convolve(conjugate(input, stream()), cotangent, parameters_, stream()));
    }
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> ConvolutionWeightGradient::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  const Stream& s = stream();
  int size = mapped_axis_size(inputs, axes);
  Parameters p = parameters_;
  p.groups *= size;
  array input = join_channels(with_mapped_axis_first(inputs[0], axes[0], size, s), s);
  array cotangent = join_channels(with_mapped_axis_first(inputs[1], axes[1], size, s), s);
  Shape shape = weight_shape_;
  shape[0] *= size;
  array result = weight_gradient(input, shape, cotangent, p, s);
  return {{unflatten(result, 0, {size, weight_shape_[0]}, s)}, {0}};
}

}  // namespace mlx::core
