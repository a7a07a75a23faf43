#include <doctest/doctest.h>

#include <cmath>

#include "derivative_checks.h"
#include "mlx/fast.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

/// A plain loop over (batch, heads, length, features).
std::vector<double> plain_rope(const array& x, int dims, bool traditional,
                               const std::vector<double>& frequencies, double scale,
                               const std::vector<int>& offsets) {
  auto result = values(x);
  const int heads = x.shape(1), length = x.shape(2), features = x.shape(3);
  for (size_t row = 0; row < result.size() / size_t(features); ++row) {
    const int t = int(row) % length, batch = int(row) / length / heads;
    double* at = result.data() + row * size_t(features);
    for (int i = 0; i < dims / 2; ++i) {
      const double angle =
          (offsets[size_t(batch) % offsets.size()] + t) * scale / frequencies[size_t(i)];
      double& a = at[traditional ? 2 * i : i];
      double& b = at[traditional ? 2 * i + 1 : i + dims / 2];
      const double turned = a * std::cos(angle) - b * std::sin(angle);
      b = a * std::sin(angle) + b * std::cos(angle);
      a = turned;
    }
  }
  return result;
}

std::vector<double> powers(double base, int dims) {
  std::vector<double> result;
  for (int i = 0; i < dims / 2; ++i) result.push_back(std::pow(base, 2.0 * i / dims));
  return result;
}

double difference(const array& a, const std::vector<double>& expected) {
  auto actual = values(a);
  double largest = 0;
  for (size_t i = 0; i < actual.size(); ++i)
    largest = std::max(largest, std::abs(actual[i] - expected[i]));
  return largest;
}

}  // namespace

TEST_CASE("rope turns pairs of features by their positions") {
  for (Dtype dtype : {float16, bfloat16, float32, float64})
    for (bool traditional : {false, true})
      for (int dims : {2, 6, 10}) {
        array x = random_array({2, 3, 4, 10}, 1, -1, 1, dtype);
        double tolerance = dtype == float64 ? 1e-12 : dtype == float32 ? 1e-6 : 1e-2;
        array y = fast::rope(x, dims, traditional, 10000.f, 0.5f, 7);
        CHECK(y.dtype() == dtype);
        CHECK(difference(y, plain_rope(x, dims, traditional, powers(10000, dims), 0.5, {7})) <
              tolerance);
        array moved = swapaxes(random_array({2, 4, 3, 10}, 2, -1, 1, dtype), 1, 2);
        y = fast::rope(moved, dims, traditional, 100.f, 1, array({3, -2}));
        CHECK(difference(y, plain_rope(moved, dims, traditional, powers(100, dims), 1, {3, -2})) <
              tolerance);
      }
  array x = random_array({1, 2, 3, 4}, 3);
  array frequencies = array({1.5f, 20.f});
  CHECK(difference(fast::rope(x, 4, false, std::nullopt, 2, array(5), frequencies),
                   plain_rope(x, 4, false, {1.5, 20}, 2, {5})) < 1e-12);
  // Far positions keep float32's accuracy.
  array far = random_array({1, 1, 2, 64}, 4, -1, 1, float32);
  CHECK(difference(fast::rope(far, 64, false, 10000.f, 1, 1000000),
                   plain_rope(far, 64, false, powers(10000, 64), 1, {1000000})) < 1e-6);
  // Features that lie apart.
  array strided = swapaxes(random_array({2, 3, 6, 4}, 5), 2, 3);
  CHECK(difference(fast::rope(strided, 6, true, 10.f, 1, 0),
                   plain_rope(strided, 6, true, powers(10, 6), 1, {0})) < 1e-12);
  CHECK(fast::rope(zeros({2, 0, 4}), 4, false, 10.f, 1, 0).shape() == Shape{2, 0, 4});
  CHECK(fast::rope(zeros({2, 3, 4}), 4, false, 10.f, 1, 0).shape() == Shape{2, 3, 4});
}

TEST_CASE("rope: errors") {
  array x = zeros({2, 3, 4});
  CHECK_THROWS_AS(fast::rope(zeros({3, 4}), 4, false, 10.f, 1, 0), ShapeError);
  CHECK_THROWS_AS(fast::rope(zeros({2, 3, 4}, int32), 4, false, 10.f, 1, 0), DtypeError);
  CHECK_THROWS_AS(fast::rope(x, 3, false, 10.f, 1, 0), std::invalid_argument);
  CHECK_THROWS_AS(fast::rope(x, 6, false, 10.f, 1, 0), std::invalid_argument);
  CHECK_THROWS_AS(fast::rope(x, 4, false, std::nullopt, 1, 0), std::invalid_argument);
  CHECK_THROWS_AS(fast::rope(x, 4, false, 10.f, 1, 0, ones({2})), std::invalid_argument);
  CHECK_THROWS_AS(fast::rope(x, 4, false, std::nullopt, 1, 0, ones({3})), ShapeError);
  CHECK_THROWS_AS(fast::rope(x, 4, false, 10.f, 1, array({1, 2, 3})), ShapeError);
  CHECK_THROWS_AS(fast::rope(x, 4, false, 10.f, 1, array(1.f)), DtypeError);
}

TEST_CASE("derivatives and vmap of rope") {
  array x = random_array({2, 3, 4, 6}, 1);
  for (bool traditional : {false, true}) {
    check_derivatives([&](auto& a) { return fast::rope(a[0], 4, traditional, 50.f, 1, 3); }, {x});
    array frequencies = random_array({2}, 2, 1, 3, float32);
    check_derivatives(
        [&](auto& a) { return fast::rope(a[0], 4, traditional, std::nullopt, 1, 3, a[1]); },
        {astype(x, float32), frequencies});
    check_vmap([&](auto& a) { return fast::rope(a[0], 4, traditional, 50.f, 1, a[1]); },
               {x, array({1, 2, 3})}, {1, 0});
    check_vmap([&](auto& a) { return fast::rope(a[0], 4, traditional, 50.f, 1, a[1]); },
               {x, array({1, 2, 3})}, {-1, 0});
    array several = random_array({3, 2}, 3, 1, 3, float32);
    check_vmap([&](auto& a) { return fast::rope(a[0], 4, traditional, std::nullopt, 1, 5, a[1]); },
               {x, several}, {1, 0});
  }
  ScalarFunction twice = [](const array& y) {
    return sum(sin(fast::rope(y, 6, false, 9.f, 1, 1)));
  };
  check_derivatives([&](auto& a) { return grad(twice)(a[0]); }, {x});
}
