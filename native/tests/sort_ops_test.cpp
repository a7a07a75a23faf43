#include <doctest/doctest.h>

#include <limits>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {
using Numbers = std::vector<double>;
}

TEST_CASE("sorting along any axis, and flattened") {
  array a({3, 1, 2, 9, 7, 8}, {2, 3});
  CHECK(values(sort(a, 1)) == Numbers{1, 2, 3, 7, 8, 9});
  CHECK(values(sort(a, 0)) == Numbers{3, 1, 2, 9, 7, 8});
  CHECK(values(sort(transpose(a), 0)) == Numbers{1, 7, 2, 8, 3, 9});
  CHECK(sort(a).shape() == Shape{6});
  CHECK(values(argsort(a, -1)) == Numbers{1, 2, 0, 1, 2, 0});
  CHECK(argsort(a, 0).dtype() == uint32);
  CHECK(values(argsort(array({2, 1, 2, 1}))) == Numbers{1, 3, 0, 2});
  CHECK(sort(zeros({3, 0}), 1).shape() == Shape{3, 0});
  CHECK_THROWS_AS(sort(a, 2), IndexError);
  CHECK_THROWS_AS(sort(array(1), 0), IndexError);
  CHECK(sort(array(1)).shape() == Shape{1});
}

TEST_CASE("NaN and negative zero when sorting") {
  float nan = std::numeric_limits<float>::quiet_NaN();
  float infinity = std::numeric_limits<float>::infinity();
  array a({nan, infinity, -1.0f, nan, -infinity});
  array sorted = sort(a);
  CHECK(array_equal(sorted, array({-infinity, -1.0f, infinity, nan, nan}), true).item<bool>());
  CHECK(values(argsort(a)) == Numbers{4, 2, 1, 0, 3});
}

TEST_CASE("sorting every dtype agrees with argsort") {
  for (Dtype dtype : {bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16,
                      bfloat16, float32, float64}) {
    array a = astype(random_array({4, 37}, 3, 0, 100), dtype);
    CHECK(sort(a, 1).dtype() == dtype);
    CHECK(array_equal(sort(a, 1), take_along_axis(a, argsort(a, 1), 1)).item<bool>());
    array s = sort(a, 1);
    array below = slice(s, {0, 0}, {4, 36}), above = slice(s, {0, 1}, {4, 37});
    CHECK(all(less_equal(below, above)).item<bool>());
  }
}

TEST_CASE("partitions") {
  array a = random_array({3, 50}, 5);
  for (int kth : {0, 7, 49, -1, -50}) {
    array p = partition(a, kth, 1);
    int at = kth < 0 ? kth + 50 : kth;
    array middle = slice(p, {0, at}, {3, at + 1});
    CHECK(array_equal(middle, slice(sort(a, 1), {0, at}, {3, at + 1})).item<bool>());
    CHECK(all(less_equal(slice(p, {0, 0}, {3, at + 1}), middle)).item<bool>());
    CHECK(all(greater_equal(slice(p, {0, at}, {3, 50}), middle)).item<bool>());
    array order = argpartition(a, kth, 1);
    CHECK(order.dtype() == uint32);
    CHECK(array_equal(sort(order, 1), broadcast_to(astype(arange(50), uint32), {3, 50}))
              .item<bool>());
  }
  CHECK(partition(a, 3).shape() == Shape{150});
  CHECK(argpartition(a, 3).shape() == Shape{150});
  CHECK_THROWS_AS(partition(a, 50, 1), IndexError);
  CHECK_THROWS_AS(argpartition(a, -51, 1), IndexError);
  CHECK_THROWS_AS(partition(a, 0, 2), IndexError);
}

TEST_CASE("the largest elements") {
  array a({3, 1, 2, 9, 7, 8}, {2, 3});
  CHECK(values(sort(topk(a, 2, 1), 1)) == Numbers{2, 3, 8, 9});
  CHECK(values(topk(a, 1, 0)) == Numbers{9, 7, 8});
  CHECK(values(sort(topk(a, 3))) == Numbers{7, 8, 9});
  CHECK(topk(a, 0, 1).shape() == Shape{2, 0});
  CHECK_THROWS_AS(topk(a, 4, 1), std::invalid_argument);
  CHECK_THROWS_AS(topk(a, -1, 1), std::invalid_argument);
}

TEST_CASE("derivatives of sorting follow the elements") {
  for (int axis : {0, 1, 2}) {
    array x = random_array({3, 4, 5}, 9);
    check_derivatives([&](auto& a) { return sort(a[0], axis); }, {x});
    check_derivatives([&](auto& a) { return partition(a[0], 1, axis); }, {x});
    check_derivatives([&](auto& a) { return topk(a[0], 2, axis); }, {x});
  }
  auto positions = [](const array& x) { return sum(astype(argsort(x), float32) * x); };
  CHECK(values(grad(positions)(array({3.0f, 1.0f, 2.0f}))) == Numbers{1, 2, 0});
}

TEST_CASE("vmap of sorting") {
  array x = random_array({3, 4, 5}, 9);
  for (int mapped : {0, 1, 2})
    for (int axis : {0, 1}) {
      check_vmap([&](auto& a) { return sort(a[0], axis); }, {x}, {mapped}, 1);
      check_vmap([&](auto& a) { return argsort(a[0], axis); }, {x}, {mapped}, 2);
      check_vmap([&](auto& a) { return topk(a[0], 2, axis); }, {x}, {mapped});
      check_vmap([&](auto& a) { return partition(a[0], 2); }, {x}, {mapped});
    }
}
