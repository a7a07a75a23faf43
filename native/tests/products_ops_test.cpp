#include <doctest/doctest.h>

#include <cmath>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {
using Numbers = std::vector<double>;
}

TEST_CASE("kron") {
  CHECK(values(kron(array({1, 2}), array({1, 10, 100}))) == Numbers{1, 10, 100, 2, 20, 200});
  array a = random_array({2, 3}, 1), b = random_array({4, 5}, 2), product = kron(a, b);
  CHECK(product.shape() == Shape{8, 15});
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      CHECK(distance(slice(product, {4 * i, 5 * j}, {4 * i + 4, 5 * j + 5}),
                     slice(a, {i, j}, {i + 1, j + 1}) * b) == 0);
  CHECK(kron(ones({2, 1, 2}), ones({3})).shape() == Shape{2, 1, 6});
  CHECK(kron(ones({3}), ones({2, 1, 2})).shape() == Shape{2, 1, 6});
  CHECK(kron(array(2.0f), ones({3})).shape() == Shape{3});
  CHECK(kron(array(2), array(3)).item<int>() == 6);
  CHECK(kron(ones({0, 2}), ones({3, 2})).shape() == Shape{0, 4});
  CHECK(kron(ones({2}, int8), ones({2}, float16)).dtype() == float16);
  CHECK_THROWS_AS(kron(broadcast_to(array(1), {70000}), broadcast_to(array(1), {70000})),
                  ShapeError);
  check_derivatives([](auto& x) { return kron(x[0], x[1]); }, {a, b});
  check_vmap([](auto& x) { return kron(x[0], x[1]); }, {random_array({2, 3}, 1), b}, {0, -1});
}

TEST_CASE("vecdot") {
  array a = random_array({2, 3, 4}, 1), b = random_array({3, 4}, 2);
  CHECK(distance(vecdot(a, b), sum(a * b, -1)) < 1e-14);
  CHECK(distance(vecdot(a, b, -2), sum(a * b, -2)) < 1e-14);
  CHECK(distance(vecdot(a, random_array({2, 1, 1}, 3), 0), sum(a * random_array({2, 1, 1}, 3), 0)) <
        1e-14);
  CHECK(vecdot(array({1, 2, 3}), array({4, 5, 6})).item<int>() == 32);
  CHECK(vecdot(zeros({2, 0}), zeros({2, 0})).shape() == Shape{2});
  array z({complex64_t(1, 2)}, {1});
  CHECK(vecdot(z, z).item<complex64_t>() == complex64_t(5, 0));
  CHECK_THROWS_AS(vecdot(a, array(1.0, float64)), ShapeError);
  CHECK_THROWS_AS(vecdot(a, zeros({3})), ShapeError);
  CHECK_THROWS_AS(vecdot(a, b, 2), IndexError);
  check_derivatives([](auto& x) { return vecdot(x[0], x[1], -2); }, {a, b});
  check_derivatives(
      [](auto& x) { return vecdot(x[0], x[1]); },
      {random_array({3}, 1, -1, 1, complex64), random_array({3}, 2, -1, 1, complex64)});
}

TEST_CASE("convolve by its definition") {
  for (auto [n, m] : {std::pair{1, 1}, {5, 1}, {5, 2}, {5, 3}, {5, 5}, {2, 5}, {40, 7}, {7, 40}}) {
    for (Dtype dtype : {int32, uint8, float32, float64, complex64}) {
      array a = astype(remainder(arange(n) * 7, array(5)), dtype);
      array v = astype(remainder(arange(m) * 3, array(4)), dtype);
      Numbers x = values(a), y = values(v), sums(size_t(n + m - 1), 0.0);
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < m; ++j) sums[size_t(i + j)] += x[size_t(i)] * y[size_t(j)];
      CAPTURE(n);
      CAPTURE(m);
      CHECK(values(convolve(a, v)) == sums);
      CHECK(convolve(a, v).dtype() == dtype);
      int shorter = std::min(n, m), longer = std::max(n, m);
      auto middle = [&](int first, int count) {
        return Numbers(sums.begin() + first, sums.begin() + first + count);
      };
      CHECK(values(convolve(a, v, "valid")) == middle(shorter - 1, longer - shorter + 1));
      CHECK(values(convolve(a, v, "same")) == middle((shorter - 1) / 2, longer));
    }
  }
  CHECK_THROWS_AS(convolve(zeros({0}), zeros({1})), ShapeError);
  CHECK_THROWS_AS(convolve(zeros({2, 2}), zeros({1})), ShapeError);
  CHECK_THROWS_AS(convolve(zeros({2}), zeros({1}), "wrap"), std::invalid_argument);
  array a = random_array({7}, 1), v = random_array({3}, 2);
  for (auto mode : {"full", "same", "valid"})
    check_derivatives([=](auto& x) { return convolve(x[0], x[1], mode); }, {a, v});
}

TEST_CASE("windows") {
  auto check = [](array (*window)(int, StreamOrDevice), double a0, double a1, double a2) {
    for (int count : {2, 3, 10, 51}) {
      array result = window(count, {});
      CHECK(result.dtype() == float32);
      CHECK(result.shape() == Shape{count});
      Numbers numbers = values(result);
      for (int i = 0; i < count; ++i) {
        double phase = 2 * std::acos(-1.0) * i / (count - 1);
        double expected = a0 - a1 * std::cos(phase) + a2 * std::cos(2 * phase);
        CHECK(numbers[size_t(i)] == doctest::Approx(expected).epsilon(1e-6));
        CHECK(numbers[size_t(i)] >= 0);
      }
    }
    CHECK(values(window(1, {})) == Numbers{1});
    CHECK(window(0, {}).shape() == Shape{0});
    CHECK(window(-3, {}).shape() == Shape{0});
  };
  check(hanning, 0.5, 0.5, 0);
  check(hamming, 0.54, 0.46, 0);
  check(blackman, 0.42, 0.5, 0.08);
  CHECK(values(bartlett(5)) == Numbers{0, 0.5, 1, 0.5, 0});
  CHECK(values(bartlett(2)) == Numbers{0, 0});
  CHECK(values(bartlett(1)) == Numbers{1});
  CHECK(bartlett(0).size() == 0);
}
