#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

double middle_of(Numbers line) {
  std::sort(line.begin(), line.end());
  size_t half = line.size() / 2;
  return line.size() % 2 ? line[half] : (line[half - 1] + line[half]) / 2;
}

}  // namespace

TEST_CASE("median: odd and even, every dtype") {
  for (Dtype dtype : {bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16,
                      bfloat16, float32, float64}) {
    for (int n : {1, 2, 3, 8, 101, 1000}) {
      array a = astype(random_array({n}, uint32_t(n), 0, 100), dtype);
      array m = median(a);
      CHECK(m.dtype() == (issubdtype(dtype, inexact) ? dtype : float32));
      double expected = values(astype(array(middle_of(values(a)), float64), m.dtype()))[0];
      CHECK(values(m) == Numbers{expected});
    }
  }
  array complex = array({complex64_t(3, 0), complex64_t(1, 5), complex64_t(1, 1)});
  CHECK(array_equal(median(complex), array(complex64_t(1, 5))).item<bool>());
}

TEST_CASE("median: axes, strides and shapes") {
  array a = random_array({3, 4, 5}, 1);
  CHECK(median(a, 1).shape() == Shape{3, 5});
  CHECK(median(a, std::vector<int>{0, -1}, true).shape() == Shape{1, 4, 1});
  CHECK(array_equal(median(a, -2), median(moveaxis(a, 1, 2), -1)).item<bool>());
  CHECK(
      array_equal(median(a, {0, 2}), median(reshape(moveaxis(a, 1, 0), {4, 15}), 1)).item<bool>());
  CHECK(array_equal(median(a, true), reshape(median(flatten(a)), {1, 1, 1})).item<bool>());
  CHECK(array_equal(median(a, std::vector<int>{}), a).item<bool>());
  CHECK(median(array(3)).item<float>() == 3);
  CHECK(median(zeros({0, 3}), 1).shape() == Shape{0});
  CHECK_THROWS_AS(median(zeros({0, 3}), 0), std::invalid_argument);
  CHECK_THROWS_AS(median(zeros({0})), std::invalid_argument);
  CHECK_THROWS_AS(median(a, 3), IndexError);
  CHECK_THROWS_AS(median(a, {0, 0}), std::invalid_argument);
}

TEST_CASE("median: NaN and infinities") {
  float nan = std::numeric_limits<float>::quiet_NaN();
  float infinity = std::numeric_limits<float>::infinity();
  CHECK(std::isnan(median(array({nan, 1.0f, 2.0f, 3.0f, 4.0f})).item<float>()));
  CHECK(median(array({1.0f, infinity, infinity})).item<float>() == infinity);
  CHECK(std::isnan(median(array({-infinity, infinity})).item<float>()));
  // The sum of the middle two would overflow a half type.
  CHECK(median(astype(array({60000.0f, 60000.0f}), float16)).item<float16_t>() == 60000.0f);
}

TEST_CASE("median: derivatives and vmap") {
  array x = random_array({3, 4, 5}, 9);
  for (int axis : {0, 1, 2}) {
    check_derivatives([&](auto& a) { return median(a[0], axis); }, {x});
    check_vmap([&](auto& a) { return median(a[0], axis % 2, true); }, {x}, {axis});
  }
  check_derivatives([](auto& a) { return median(a[0]); }, {x});
}

TEST_CASE("count_nonzero") {
  float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(count_nonzero(array({0.0f, -0.0f, nan, 2.0f})).item<int>() == 2);
  array a({0, 1, 2, 0, 0, 3}, {2, 3});
  CHECK(count_nonzero(a).dtype() == int32);
  CHECK(values(count_nonzero(a, 0)) == Numbers{0, 1, 2});
  CHECK(count_nonzero(a, 1, true).shape() == Shape{2, 1});
  CHECK(values(count_nonzero(zeros({2, 0}), 1)) == Numbers{0, 0});
  CHECK(count_nonzero(astype(a, bool_)).item<int>() == 3);
  CHECK(count_nonzero(astype(a, complex64)).item<int>() == 3);
  CHECK_THROWS_AS(count_nonzero(a, 2), std::out_of_range);
  check_vmap([](auto& x) { return count_nonzero(x[0], 0); }, {a}, {1});
}

TEST_CASE("diff") {
  array a({1, 2, 4, 7, 0});
  CHECK(values(diff(a)) == Numbers{1, 2, 3, -7});
  CHECK(values(diff(a, 2)) == Numbers{1, 1, -10});
  CHECK(values(diff(a, 0)) == values(a));
  CHECK(diff(a, 5).shape() == Shape{0});
  CHECK(diff(a, 1000000000).shape() == Shape{0});
  array matrix = reshape(arange(6), {2, 3});
  CHECK(values(diff(matrix, 1, 0)) == Numbers{3, 3, 3});
  CHECK(values(diff(astype(array({3, 1}), uint8))) == Numbers{254});
  CHECK(values(diff(array({true, false, false}))) == Numbers{1, 0});
  CHECK(diff(array({true, false})).dtype() == bool_);
  CHECK_THROWS_AS(diff(a, -1), std::invalid_argument);
  CHECK_THROWS_AS(diff(a, 1, 1), IndexError);
  CHECK_THROWS_AS(diff(array(1)), IndexError);
  array x = random_array({3, 4, 5}, 9);
  check_derivatives([](auto& y) { return diff(y[0], 2, 1); }, {x});
  check_vmap([](auto& y) { return diff(y[0], 1, 0); }, {x}, {1});
}
