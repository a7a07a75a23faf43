#include "primitives/random.h"

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {
namespace {

// Integers that change in steps have no derivatives.

std::vector<array> zero_gradients(const std::vector<array>& primals,
                                  const std::vector<int>& argnums, const Stream& s) {
  std::vector<array> results;
  for (int argnum : argnums) results.push_back(zeros_like(primals[argnum], s));
  return results;
}

}  // namespace

std::vector<array> RandomBits::jvp(const std::vector<array>& primals, const std::vector<array>&,
                                   const std::vector<int>&) {
  return {zeros(output_shapes(primals)[0], random_bits_dtype(width_), stream())};
}

std::vector<array> RandomBits::vjp(const std::vector<array>& primals, const std::vector<array>&,
                                   const std::vector<int>& argnums, const std::vector<array>&) {
  return zero_gradients(primals, argnums, stream());
}

std::pair<std::vector<array>, std::vector<int>> RandomBits::vmap(const std::vector<array>& inputs,
                                                                 const std::vector<int>& axes) {
  array keys = mapped_axis_first(inputs[0], axes[0], stream());
  auto primitive = std::make_shared<RandomBits>(stream(), shape_, width_);
  Shape shape = output_shapes({keys})[0];
  return {{array(std::move(shape), random_bits_dtype(width_), std::move(primitive), {keys})}, {0}};
}

std::vector<Shape> RandomBits::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  shape.pop_back();
  shape.insert(shape.end(), shape_.begin(), shape_.end());
  return {shape};
}

std::vector<array> CategoricalSearch::jvp(const std::vector<array>& primals,
                                          const std::vector<array>&, const std::vector<int>&) {
  return {zeros(primals[1].shape(), uint32, stream())};
}

std::vector<array> CategoricalSearch::vjp(const std::vector<array>& primals,
                                          const std::vector<array>&,
                                          const std::vector<int>& argnums,
                                          const std::vector<array>&) {
  return zero_gradients(primals, argnums, stream());
}

std::pair<std::vector<array>, std::vector<int>> CategoricalSearch::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  array weights = with_mapped_axis_first(inputs[0], axes[0], size, stream());
  array draws = with_mapped_axis_first(inputs[1], axes[1], size, stream());
  auto primitive = std::make_shared<CategoricalSearch>(stream());
  return {{array(draws.shape(), uint32, std::move(primitive), {weights, draws})}, {0}};
}

}  // namespace mlx::core
