#include "primitives/conv.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"

namespace mlx::core {
namespace {

array convolution(const array& input, const array& weight, const ConvolutionParameters& p) {
  array result = conv_general(input, weight, p.stride, p.padding_lo, p.padding_hi,
                              p.kernel_dilation, p.input_dilation, p.groups, p.flip);
  require(p.stride.size() == input.ndim() - 2 && p.padding_lo.size() == p.stride.size() &&
              p.padding_hi.size() == p.stride.size() &&
              p.kernel_dilation.size() == p.stride.size() &&
              p.input_dilation.size() == p.stride.size(),
          "the number of a convolution's parameters");
  require(input.dtype() == weight.dtype() && input.dtype() == result.dtype(),
          "the dtypes of a convolution");
  return result;
}

Values weight_gradient_outputs(const ConvolutionWeightGradient& node, const Arrays& in) {
  auto [p, weight_shape] = node.parameters();
  array weight = stand_in(weight_shape, in[0].dtype());
  array result = convolution(in[0], weight, p);
  require(result.shape() == in[1].shape() && result.dtype() == in[1].dtype(),
          "the gradient of a convolution");
  return {value_of(weight)};
}

}  // namespace

std::vector<NodeKind> conv_kinds() {
  return {
      kind<Convolution>("Convolution", 2,
                        made_by([](const Arrays& in, const ConvolutionParameters& p) {
                          return convolution(in[0], in[1], p);
                        })),
      kind<ConvolutionWeightGradient>("ConvolutionWeightGradient", 2, weight_gradient_outputs),
  };
}

}  // namespace mlx::core
