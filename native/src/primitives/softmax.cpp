#include "primitives/softmax.h"

#include "mlx/ops.h"
#include "mlx/ops/softmax_parts.h"
#include "primitives/mapped_axis.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

/// The Jacobian of softmax, diag(p) - p p^T, times a vector. It is symmetric.
array softmax_derivative(const array& p, const array& v, const Stream& s) {
  array product = multiply(p, v, s);
  return subtract(product, multiply(p, sum(product, -1, true, s), s), s);
}

/// softmax of x from the two parts of its logsumexp.
array normalized(const array& x, const std::vector<array>& parts, const Stream& s) {
  return exp(subtract(subtract(x, parts[0], s), parts[1], s), s);
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

std::vector<array> LogSumExpParts::jvp(const std::vector<array>& primals,
                                       const std::vector<array>& tangents,
                                       const std::vector<int>&) {
  auto parts = logsumexp_parts(primals[0], -1, stream());
  array t = astype(tangents[0], parts[0].dtype(), stream());
  array product = multiply(normalized(primals[0], parts, stream()), t, stream());
  return {zeros_view(parts[0], stream()), sum(product, -1, true, stream())};
}

std::vector<array> LogSumExpParts::vjp(const std::vector<array>& primals,
                                       const std::vector<array>& cotangents,
                                       const std::vector<int>&, const std::vector<array>& outputs) {
  array p = normalized(primals[0], outputs, stream());
  return {astype(multiply(p, cotangents[1], stream()), primals[0].dtype(), stream())};
}

std::pair<std::vector<array>, std::vector<int>> LogSumExpParts::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  array x = mapped_axis_first(inputs[0], axes[0], stream());
  return {logsumexp_parts(x, -1, stream()), {0, 0}};
}

std::vector<Shape> LogSumExpParts::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  shape.back() = 1;
  return {shape, shape};
}

}  // namespace mlx::core
