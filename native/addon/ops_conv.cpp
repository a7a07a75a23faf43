#include "binder.h"
#include "mlx/ops.h"

namespace mlx::addon {

using namespace core;

namespace {

using Sizes = std::vector<int>;

std::pair<int, int> pair_of(const Sizes& sizes) { return {sizes.at(0), sizes.at(1)}; }
std::tuple<int, int, int> triple_of(const Sizes& sizes) {
  return {sizes.at(0), sizes.at(1), sizes.at(2)};
}

}  // namespace

FunctionTable conv_functions() {
  return {
      bind("conv1d",
           [](const array& input, const array& weight, Sizes stride, Sizes padding, Sizes dilation,
              int groups, StreamOrDevice s) {
             return conv1d(input, weight, stride.at(0), padding.at(0), dilation.at(0), groups, s);
           }),
      bind("conv2d",
           [](const array& input, const array& weight, Sizes stride, Sizes padding, Sizes dilation,
              int groups, StreamOrDevice s) {
             return conv2d(input, weight, pair_of(stride), pair_of(padding), pair_of(dilation),
                           groups, s);
           }),
      bind("conv3d",
           [](const array& input, const array& weight, Sizes stride, Sizes padding, Sizes dilation,
              int groups, StreamOrDevice s) {
             return conv3d(input, weight, triple_of(stride), triple_of(padding),
                           triple_of(dilation), groups, s);
           }),
      bind("convGeneral",
           [](const array& input, const array& weight, Sizes stride, Sizes padding_low,
              Sizes padding_high, Sizes kernel_dilation, Sizes input_dilation, int groups,
              bool flip, StreamOrDevice s) {
             return conv_general(input, weight, stride, padding_low, padding_high, kernel_dilation,
                                 input_dilation, groups, flip, s);
           }),
      bind("convTranspose1d",
           [](const array& input, const array& weight, Sizes stride, Sizes padding, Sizes dilation,
              Sizes output_padding, int groups, StreamOrDevice s) {
             return conv_transpose1d(input, weight, stride.at(0), padding.at(0), dilation.at(0),
                                     output_padding.at(0), groups, s);
           }),
      bind("convTranspose2d",
           [](const array& input, const array& weight, Sizes stride, Sizes padding, Sizes dilation,
              Sizes output_padding, int groups, StreamOrDevice s) {
             return conv_transpose2d(input, weight, pair_of(stride), pair_of(padding),
                                     pair_of(dilation), pair_of(output_padding), groups, s);
           }),
      bind("convTranspose3d",
           [](const array& input, const array& weight, Sizes stride, Sizes padding, Sizes dilation,
              Sizes output_padding, int groups, StreamOrDevice s) {
             return conv_transpose3d(input, weight, triple_of(stride), triple_of(padding),
                                     triple_of(dilation), triple_of(output_padding), groups, s);
           }),
      bind("convolve", [](const array& a, const array& v, std::string mode,
                          StreamOrDevice s) { return convolve(a, v, mode, s); }),
  };
}

}  // namespace mlx::addon
