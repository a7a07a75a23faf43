#include "mlx/ops/conv.h"

#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/conv.h"

namespace mlx::core {
namespace {

template <typename... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  throw std::invalid_argument(concat_text("[conv] ", parts..., "."));
}

void check_operands(const array& input, const array& weight, int groups) {
  auto misfit = [&](const char* why) {
    throw ShapeError(concat_text("[conv] ", why, ": the input has shape ", input.shape(),
                                 ", the weight ", weight.shape(), ", and groups are ", groups,
                                 "."));
  };
  if (input.ndim() < 3 || input.ndim() > 5)
    misfit("Expected an input with 1 to 3 spatial axes between batch and channels");
  if (weight.ndim() != input.ndim()) misfit("Input and weight must have as many dimensions");
  if (groups < 1) refuse("There must be at least one group, not ", groups);
  if (int64_t(weight.shape(-1)) * groups != input.shape(-1))
    misfit("The input's channels must be the weight's last dimension times the groups");
  if (weight.shape(0) % groups != 0) misfit("The output channels must be divisible by the groups");
  for (int i = 1; i + 1 < int(weight.ndim()); ++i)
    if (weight.shape(i) == 0) misfit("The kernel is empty");
}

Dtype check_dtype(const array& input, const array& weight) {
  Dtype dtype = result_type(input, weight);
  if (!issubdtype(dtype, inexact))
    throw DtypeError(concat_text("[conv] Expected floating or complex dtypes but received ",
                                 input.dtype(), " and ", weight.dtype(), "."));
  return dtype;
}

/// One value for each spatial axis.
void complete(const char* what, std::vector<int>& values, size_t count, int fallback, int least) {
  if (values.empty()) values.push_back(fallback);
  if (values.size() == 1) values.assign(count, values[0]);
  if (values.size() != count)
    refuse("Received ", values.size(), " values of ", what, " for ", count, " spatial axes");
  for (int value : values)
    if (value < least) refuse(what, " must be at least ", least, " but is ", value);
}

std::vector<int> list(const std::pair<int, int>& p) { return {p.first, p.second}; }
std::vector<int> list(const std::tuple<int, int, int>& t) {
  return {std::get<0>(t), std::get<1>(t), std::get<2>(t)};
}

array conv_transpose(const array& input, const array& weight, std::vector<int> stride,
                     std::vector<int> padding, std::vector<int> dilation,
                     std::vector<int> output_padding, int groups, StreamOrDevice s) {
  size_t axes = stride.size();
  if (input.ndim() != axes + 2 || weight.ndim() != axes + 2)
    throw ShapeError(concat_text("[conv_transpose] Expected arrays with ", axes + 2,
                                 " dimensions but received shapes ", input.shape(), " and ",
                                 weight.shape(), "."));
  complete("output padding", output_padding, axes, 0, 0);
  std::vector<int> lo, hi;
  for (size_t i = 0; i < axes; ++i) {
    int64_t overlap = int64_t(dilation[i]) * (weight.shape(int(i) + 1) - 1) - padding[i];
    lo.push_back(checked_size(overlap));
    hi.push_back(checked_size(overlap + output_padding[i]));
  }
  return conv_general(input, weight, std::vector<int>(axes, 1), lo, hi, dilation, stride, groups,
                      true, s);
}

array conv(const array& input, const array& weight, std::vector<int> stride,
           std::vector<int> padding, std::vector<int> dilation, int groups, StreamOrDevice s) {
  size_t axes = stride.size();
  if (input.ndim() != axes + 2 || weight.ndim() != axes + 2)
    throw ShapeError(concat_text("[conv] Expected arrays with ", axes + 2,
                                 " dimensions but received shapes ", input.shape(), " and ",
                                 weight.shape(), "."));
  return conv_general(input, weight, std::move(stride), padding, padding, std::move(dilation),
                      std::vector<int>{}, groups, false, s);
}

}  // namespace

array conv_general(array input, array weight, std::vector<int> stride, std::vector<int> padding_lo,
                   std::vector<int> padding_hi, std::vector<int> kernel_dilation,
                   std::vector<int> input_dilation, int groups, bool flip, StreamOrDevice s) {
  check_operands(input, weight, groups);
  Dtype dtype = check_dtype(input, weight);
  size_t axes = input.ndim() - 2;
  constexpr int any = std::numeric_limits<int>::min();
  complete("stride", stride, axes, 1, 1);
  complete("padding", padding_lo, axes, 0, any);
  complete("padding", padding_hi, axes, 0, any);
  complete("kernel dilation", kernel_dilation, axes, 1, 1);
  complete("input dilation", input_dilation, axes, 1, 1);
  ConvolutionParameters parameters{std::move(stride),
                                   std::move(padding_lo),
                                   std::move(padding_hi),
                                   std::move(kernel_dilation),
                                   std::move(input_dilation),
                                   groups,
                                   flip};
  Shape shape = convolution_shape(input.shape(), weight.shape(), parameters);
  input = astype(input, dtype, s);
  weight = astype(weight, dtype, s);
  if (input.size() == 0 || weight.size() == 0) return zeros(shape, dtype, s);
  auto primitive = std::make_shared<Convolution>(to_stream(s), std::move(parameters));
  return array(std::move(shape), dtype, std::move(primitive),
               {std::move(input), std::move(weight)});
}

array conv1d(const array& input, const array& weight, int stride, int padding, int dilation,
             int groups, StreamOrDevice s) {
  return conv(input, weight, {stride}, {padding}, {dilation}, groups, s);
}
array conv2d(const array& input, const array& weight, const std::pair<int, int>& stride,
             const std::pair<int, int>& padding, const std::pair<int, int>& dilation, int groups,
             StreamOrDevice s) {
  return conv(input, weight, list(stride), list(padding), list(dilation), groups, s);
}
array conv3d(const array& input, const array& weight, const std::tuple<int, int, int>& stride,
             const std::tuple<int, int, int>& padding, const std::tuple<int, int, int>& dilation,
             int groups, StreamOrDevice s) {
  return conv(input, weight, list(stride), list(padding), list(dilation), groups, s);
}

array conv_transpose1d(const array& input, const array& weight, int stride, int padding,
                       int dilation, int output_padding, int groups, StreamOrDevice s) {
  return conv_transpose(input, weight, {stride}, {padding}, {dilation}, {output_padding}, groups,
                        s);
}
array conv_transpose2d(const array& input, const array& weight, const std::pair<int, int>& stride,
                       const std::pair<int, int>& padding, const std::pair<int, int>& dilation,
                       const std::pair<int, int>& output_padding, int groups, StreamOrDevice s) {
  return conv_transpose(input, weight, list(stride), list(padding), list(dilation),
                        list(output_padding), groups, s);
}
array conv_transpose3d(const array& input, const array& weight,
                       const std::tuple<int, int, int>& stride,
                       const std::tuple<int, int, int>& padding,
                       const std::tuple<int, int, int>& dilation,
                       const std::tuple<int, int, int>& output_padding, int groups,
                       StreamOrDevice s) {
  return conv_transpose(input, weight, list(stride), list(padding), list(dilation),
                        list(output_padding), groups, s);
}

}  // namespace mlx::core
