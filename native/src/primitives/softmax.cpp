#include "primitives/softmax.h"

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {
namespace {

/// The Jacobian of softmax, diag(p) - p p^T, times a vector. It is symmetric.
array softmax_derivative(const array& p, const array& v, const Stream& s) {
  array product = multiply(p, v, s);
  return subtract(product, multiply(p, sum(product, -1, true, s), s), s);
}

}  // namespace

std::vector<array> Softmax::jvp(const std::vector<array>& primals,
                                const std::vector<array>& tangents, const std::vector<int>&) {
  return {softmax_derivative(softmax(primals[0], -1, true, stream()), tangents[0], stream())};
}

std::vector<array> Softmax::vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                                const std::vector<int>&, const std::vector<array>& outputs) {
  return {softmax_derivative(outputs[0], cotangents[0], stream())};
}

std::pair<std::vector<array>, std::vector<int>> Softmax::vmap(const std::vector<array>& inputs,
                                                              const std::vector<int>& axes) {
  array x = mapped_axis_first(inputs[0], axes[0], stream());
  return {{softmax(x, -1, true, stream())}, {0}};
}

std::vector<array> LogSumExp::jvp(const std::vector<array>& primals,
                                  const std::vector<array>& tangents, const std::vector<int>&) {
  array p = softmax(primals[0], -1, true, stream());
  return {sum(multiply(p, tangents[0], stream()), -1, false, stream())};
}

std::vector<array> LogSumExp::vjp(const std::vector<array>& primals,
                                  const std::vector<array>& cotangents, const std::vector<int>&,
                                  const std::vector<array>&) {
  array p = softmax(primals[0], -1, true, stream());
  return {multiply(p, expand_dims(cotangents[0], -1, stream()), stream())};
}

std::pair<std::vector<array>, std::vector<int>> LogSumExp::vmap(const std::vector<array>& inputs,
                                                                const std::vector<int>& axes) {
  array x = mapped_axis_first(inputs[0], axes[0], stream());
  return {{logsumexp(x, -1, false, stream())}, {0}};
}

std::vector<Shape> LogSumExp::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  shape.pop_back();
  return {shape};
}

}  // namespace mlx::core
