#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <random>
#include <vector>

#include "mlx/ops.h"
#include "mlx/transforms.h"
#include "mlx/utils.h"

namespace mlx::core::testing {

using Function = std::function<array(const std::vector<array>&)>;

/// The elements in row-major order.
inline std::vector<double> values(const array& a) {
  array flat = contiguous(astype(a, float64));
  flat.eval();
  return {flat.data<double>(), flat.data<double>() + flat.size()};
}

inline array random_array(const Shape& shape, uint32_t seed, double low = -1, double high = 1,
                          Dtype dtype = float64) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> draw(low, high);
  size_t size = 1;
  for (int n : shape) size *= size_t(n);
  std::vector<double> numbers(size);
  for (auto& number : numbers) number = draw(generator);
  if (dtype != complex64) return array(numbers.begin(), shape, dtype);
  std::vector<complex64_t> pairs;
  for (double number : numbers) pairs.emplace_back(float(number), float(draw(generator)));
  return array(pairs.begin(), shape, complex64);
}

/// Re(conj(a) . b): the product under which cotangents and tangents are dual.
inline double dot(const array& a, const array& b) {
  array product = multiply(conjugate(a), b);
  return sum(astype(real(product), float64)).item<double>();
}

inline array random_like(const array& a, uint32_t seed) {
  return random_array(a.shape(), seed, -1, 1, a.dtype());
}

/// The largest difference of two arrays.
inline double distance(const array& a, const array& b) {
  REQUIRE(a.shape() == b.shape());
  REQUIRE(a.dtype() == b.dtype());
  if (a.size() == 0) return 0;
  return max(astype(abs(subtract(a, b)), float64)).item<double>();
}

/// jvp against central differences, and vjp against jvp, in a random direction. Real inputs should
/// be float64.
inline void check_derivatives(const Function& f, const std::vector<array>& inputs,
                              double tolerance = 1e-6) {
  bool is_single = false;
  for (auto& input : inputs) is_single |= input.dtype() == complex64 || input.dtype() == float32;
  double step = is_single ? 5e-3 : 1e-5;
  if (is_single) tolerance = std::max(tolerance, 5e-3);

  auto vector_f = [&](const std::vector<array>& x) { return std::vector<array>{f(x)}; };
  std::vector<array> tangents, above, below;
  for (size_t i = 0; i < inputs.size(); ++i) {
    tangents.push_back(random_like(inputs[i], uint32_t(100 + i)));
    array move = multiply(tangents[i], array(step, inputs[i].dtype()));
    above.push_back(add(inputs[i], move));
    below.push_back(subtract(inputs[i], move));
  }
  auto [outputs, pushed] = jvp(VectorFunction(vector_f), inputs, tangents);
  array difference = divide(subtract(f(above), f(below)), array(2 * step, outputs[0].dtype()));
  array scale = add(abs(difference), array(1.0, abs(difference).dtype()));
  CHECK(max(astype(divide(abs(subtract(difference, pushed[0])), scale), float64)).item<double>() <
        tolerance);
  CHECK(pushed[0].dtype() == outputs[0].dtype());

  array cotangent = random_like(outputs[0], 7);
  auto gradients = vjp(VectorFunction(vector_f), inputs, {cotangent}).second;
  double forward = dot(cotangent, pushed[0]), backward = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    CHECK(gradients[i].shape() == inputs[i].shape());
    CHECK(gradients[i].dtype() == inputs[i].dtype());
    backward += dot(gradients[i], tangents[i]);
  }
  CHECK(backward == doctest::Approx(forward).epsilon(is_single ? 1e-4 : 1e-9));
}

/// vmap with each input mapped along the given axis (-1: shared) against a loop of slices.
inline void check_vmap(const Function& f, const std::vector<array>& inputs,
                       const std::vector<int>& axes, int out_axis = 0) {
  auto vector_f = [&](const std::vector<array>& x) { return std::vector<array>{f(x)}; };
  array mapped = vmap(VectorFunction(vector_f), axes, {out_axis})(inputs)[0];
  int size = 0;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (axes[i] >= 0) size = inputs[i].shape(axes[i]);
  std::vector<array> rows;
  for (int k = 0; k < size; ++k) {
    std::vector<array> slices;
    for (size_t i = 0; i < inputs.size(); ++i)
      slices.push_back(axes[i] < 0 ? inputs[i] : take(inputs[i], k, axes[i]));
    rows.push_back(f(slices));
  }
  array looped = stack(rows, out_axis);
  REQUIRE(mapped.shape() == looped.shape());
  CHECK(mapped.dtype() == looped.dtype());
  CHECK(array_equal(mapped, looped, true).item<bool>());
}

}  // namespace mlx::core::testing
