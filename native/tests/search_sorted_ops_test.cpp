#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "derivative_checks.h"
#include "mlx/errors.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;

/// By counting.
Numbers expected_places(const array& sequence, const array& looked_for, bool right) {
  Numbers places, elements = values(sequence);
  for (double x : values(looked_for))
    places.push_back(double(std::count_if(elements.begin(), elements.end(), [&](double element) {
      if (std::isnan(x)) return right || !std::isnan(element);
      return right ? element <= x : element < x;
    })));
  return places;
}

}  // namespace

TEST_CASE("searchsorted: every dtype and any strides against counting") {
  for (Dtype dtype : {bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16,
                      bfloat16, float32, float64}) {
    for (int length : {0, 1, 2, 3, 7, 64, 1000}) {
      array sequence = sort(astype(random_array({length}, 3, 0, 40), dtype));
      array looked_for = astype(random_array({5, 7}, 4, 0, 42), dtype);
      for (bool right : {false, true}) {
        array places = searchsorted(sequence, looked_for, right ? "right" : "left");
        CHECK(places.dtype() == uint32);
        CHECK(places.shape() == Shape{5, 7});
        CHECK(values(places) == expected_places(sequence, looked_for, right));
        array turned = searchsorted(sequence, transpose(looked_for), right ? "right" : "left");
        CHECK(array_equal(turned, transpose(places)).item<bool>());
      }
      array spaced = slice(repeat(sequence, 3), {1}, {3 * length}, {3});
      CHECK(array_equal(searchsorted(spaced, looked_for), searchsorted(sequence, looked_for))
                .item<bool>());
      array back =
          slice(slice(sequence, {length}, {-length - 1}, {-1}), {length}, {-length - 1}, {-1});
      CHECK(array_equal(searchsorted(back, looked_for), searchsorted(sequence, looked_for))
                .item<bool>());
    }
  }
}

TEST_CASE("searchsorted: one value among many, many values, and any number of threads") {
  array sequence = sort(random_array({100000}, 5, -1, 1, float32));
  array looked_for = random_array({70000}, 6, -1.1, 1.1, float32);
  array few = slice(looked_for, {0}, {3});
  std::vector<Numbers> all;
  for (int threads : {1, 2, 7}) {
    set_num_threads(threads);
    all.push_back(values(searchsorted(sequence, looked_for)));
    Numbers first(all.back().begin(), all.back().begin() + 3);
    CHECK(values(searchsorted(sequence, few)) == first);
    CHECK(first == expected_places(sequence, few, false));
  }
  set_num_threads(2);
  CHECK(all[0] == all[1]);
  CHECK(all[0] == all[2]);
}

TEST_CASE("searchsorted: NaN, infinities, zeros, mixed dtypes, sequences in no order") {
  float nan = std::numeric_limits<float>::quiet_NaN();
  float infinity = std::numeric_limits<float>::infinity();
  array sequence({-infinity, -1.0f, -0.0f, 0.0f, infinity, nan, nan});
  array looked_for({nan, infinity, -infinity, 0.0f, -0.0f, 2.0f});
  CHECK(values(searchsorted(sequence, looked_for)) == Numbers{5, 4, 0, 2, 2, 4});
  CHECK(values(searchsorted(sequence, looked_for, "right")) == Numbers{7, 5, 1, 4, 4, 4});
  CHECK(values(searchsorted(array({1, 2, 3}), array({1.5f, 3.5f}))) == Numbers{1, 3});
  array complex = array({complex64_t(1, 1), complex64_t(1, 2), complex64_t(2, 0)});
  CHECK(values(searchsorted(complex, array(complex64_t(1, 2)), "right")) == Numbers{2});
  array unordered = searchsorted(random_array({99}, 1), random_array({500}, 2));
  CHECK(max(unordered).item<uint32_t>() <= 99);
  CHECK(searchsorted(sequence, zeros({0, 2})).shape() == Shape{0, 2});
}

TEST_CASE("searchsorted: arguments that don't fit") {
  CHECK_THROWS_AS(searchsorted(ones({2, 2}), ones({2})), ShapeError);
  CHECK_THROWS_AS(searchsorted(array(1.0f), ones({2})), ShapeError);
  CHECK_THROWS_WITH_AS(searchsorted(ones({2}), ones({2}), "top"), doctest::Contains("but is 'top'"),
                       std::invalid_argument);
}

TEST_CASE("searchsorted: gradients are zero, vmap is a loop") {
  array sequence = sort(random_array({3, 20}, 7), 1), looked_for = random_array({3, 4, 5}, 8);
  auto f = [](const std::vector<array>& x) {
    return std::vector<array>{sum(searchsorted(x[0], x[1]) * x[1])};
  };
  array row = take(sequence, 0, 0);
  auto gradients = vjp(VectorFunction(f), {row, looked_for}, {array(1.0, float64)}).second;
  CHECK(max(abs(gradients[0])).item<double>() == 0);
  CHECK(array_equal(gradients[1], astype(searchsorted(row, looked_for), float64)).item<bool>());
  array pushed =
      jvp(VectorFunction(f), {row, looked_for}, {ones_like(row), zeros_like(looked_for)}).second[0];
  CHECK(pushed.item<double>() == 0);
  auto search = [](auto& a) { return searchsorted(a[0], a[1], "right"); };
  check_vmap(search, {sequence, looked_for}, {0, 0});
  check_vmap(search, {transpose(sequence), looked_for}, {1, 0}, 1);
  check_vmap(search, {row, looked_for}, {-1, 1}, 1);
  check_vmap(search, {sequence, looked_for}, {0, -1});
  // Twice: sequences that are mapped already.
  array deep = sort(random_array({2, 3, 20}, 9), 2);
  auto inner = [&](auto& a) {
    auto each = [](const std::vector<array>& x) {
      return std::vector<array>{searchsorted(x[0], x[1])};
    };
    return vmap(VectorFunction(each), {0, 1}, {0})({a[0], a[1]})[0];
  };
  check_vmap(inner, {deep, random_array({2, 4, 3}, 10)}, {0, 0});
  check_vmap(inner, {deep, random_array({4, 3}, 10)}, {0, -1});
  check_vmap(inner, {take(deep, 0, 0), random_array({4, 2, 3}, 10)}, {-1, 1});
}
