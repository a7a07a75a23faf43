#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "derivative_checks.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;
using Axes = std::vector<int>;

const float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("axes and kept dimensions") {
  array a = reshape(arange(24), {2, 3, 4});
  CHECK(values(sum(a, {0, 2})) == Numbers{60, 92, 124});
  CHECK(sum(a, {0, 2}, true).shape() == Shape{1, 3, 1});
  CHECK(sum(a, -1).shape() == Shape{2, 3});
  CHECK(sum(a).item<int>() == 276);
  CHECK(sum(a, true).shape() == Shape{1, 1, 1});
  CHECK(values(sum(transpose(a), {0, 2})) == Numbers{60, 92, 124});
  CHECK(array_equal(sum(a, Axes{}), a).item<bool>());
  CHECK(sum(array(3)).item<int>() == 3);
  CHECK(sum(zeros({2, 0}), 1).shape() == Shape{2});
  CHECK(values(prod(zeros({2, 0}), 1)) == Numbers{1, 1});
  CHECK_THROWS_AS(sum(a, 3), std::out_of_range);
  CHECK_THROWS_AS(sum(a, {0, -3}), std::invalid_argument);
}

TEST_CASE("dtypes of sums, products and means") {
  struct Rule {
    Dtype in, total, mean;
  };
  for (auto& [in, total, average] :
       {Rule{bool_, int32, float32}, Rule{int8, int32, float32}, Rule{int16, int32, float32},
        Rule{int32, int32, float32}, Rule{int64, int64, float32}, Rule{uint8, uint32, float32},
        Rule{uint16, uint32, float32}, Rule{uint32, uint32, float32}, Rule{uint64, uint64, float32},
        Rule{float16, float16, float16}, Rule{bfloat16, bfloat16, bfloat16},
        Rule{float32, float32, float32}, Rule{float64, float64, float64},
        Rule{complex64, complex64, complex64}}) {
    array a = ones({5, 3}, in);
    CHECK(sum(a).dtype() == total);
    CHECK(prod(a, 0).dtype() == total);
    CHECK(sum(a, Axes{}).dtype() == total);
    CHECK(mean(a, 1).dtype() == average);
    CHECK(max(a).dtype() == in);
    CHECK(all(a).dtype() == bool_);
    CHECK(values(real(sum(a, 1))) == Numbers(5, 3.0));
    CHECK(values(real(mean(a, 0))) == Numbers(3, 1.0));
  }
  CHECK(sum(full({300}, 100, int8)).item<int>() == 30000);
  CHECK(sum(full({2}, 2147483647, int32)).item<int>() == -2);
}

TEST_CASE("means and variances of half types don't overflow") {
  array a = full({3000}, 100.0f, float16);
  CHECK(mean(a).item<float>() == 100.0f);
  CHECK(var(a).item<float>() == 0.0f);
  array b = concatenate({full({50000}, 1.0f, bfloat16), full({50000}, 3.0f, bfloat16)});
  CHECK(mean(b).item<float>() == 2.0f);
  CHECK(var(b).item<float>() == 1.0f);
  CHECK(mlx::core::std(b).dtype() == bfloat16);
}

TEST_CASE("variances and standard deviations") {
  array a({1.0f, 2.0f, 4.0f, 9.0f}, {2, 2});
  CHECK(var(a).item<float>() == doctest::Approx(9.5));
  CHECK(values(var(a, 0)) == Numbers{2.25, 12.25});
  CHECK(values(var(a, 0, false, 1)) == Numbers{4.5, 24.5});
  CHECK(values(mlx::core::std(a, 0)) == Numbers{1.5, 3.5});
  CHECK(mlx::core::std(a, true).shape() == Shape{1, 1});
  CHECK(values(var(array({1, 3}))) == Numbers{1});
  CHECK(std::isnan(var(array({1.0f}), false, 1).item<float>()));
  CHECK(std::isinf(var(array({1.0f, 2.0f}), false, 3).item<float>()));
  // Far from zero, where the mean of squares would lose every digit.
  CHECK(var(array({1e6f, 1e6f + 1})).item<float>() == 0.25f);
  array z({complex64_t(0, 1), complex64_t(2, 1), complex64_t(1, 3)});
  CHECK(var(z).dtype() == float32);
  CHECK(var(z).item<float>() == doctest::Approx(14.0 / 9));
}

TEST_CASE("extremes: NaN, empty axes, booleans") {
  array a({1.0f, not_a_number, 3.0f, 4.0f}, {2, 2});
  CHECK(array_equal(max(a, 1), array({not_a_number, 4.0f}), true).item<bool>());
  CHECK(array_equal(min(a, 0), array({1.0f, not_a_number}), true).item<bool>());
  CHECK(argmax(a).item<uint32_t>() == 1);
  CHECK(argmin(a).item<uint32_t>() == 1);
  CHECK(values(argmax(array({5, 9, 9, 1, 1, 0}, {2, 3}), 1)) == Numbers{1, 0});
  CHECK(values(argmin(array({5, 9, 9, 1, 1, 0}, {2, 3}), 0)) == Numbers{1, 1, 1});
  CHECK(argmax(a, 1, true).shape() == Shape{2, 1});
  CHECK(argmin(a, true).shape() == Shape{1, 1});
  CHECK(argmax(a, 0).dtype() == uint32);
  CHECK(max(array({true, false})).item<bool>());
  CHECK(max(zeros({0, 3}), 1).shape() == Shape{0});
  CHECK_THROWS_AS(max(zeros({0, 3}), 0), std::invalid_argument);
  CHECK_THROWS_AS(min(zeros({0})), std::invalid_argument);
  CHECK_THROWS_AS(argmax(zeros({0})), std::invalid_argument);
  CHECK_THROWS_AS(argmin(a, 2), std::out_of_range);
}

TEST_CASE("all and any") {
  array a({0.0f, not_a_number, -0.0f, 1.0f}, {2, 2});
  CHECK(values(any(a, 1)) == Numbers{1, 1});
  CHECK(values(all(a, 1)) == Numbers{0, 0});
  CHECK(values(any(a, 0)) == Numbers{0, 1});
  CHECK(all(zeros({0})).item<bool>());
  CHECK(!any(zeros({0})).item<bool>());
  CHECK(values(all(a, Axes{})) == Numbers{0, 1, 0, 1});
}

TEST_CASE("derivatives of reductions") {
  array x = random_array({3, 4, 2}, 1, 0.5, 2);
  for (const Axes& axes : {Axes{0}, Axes{1}, Axes{0, 2}, Axes{0, 1, 2}, Axes{}})
    for (bool keepdims : {false, true}) {
      check_derivatives([&](auto& a) { return sum(a[0], axes, keepdims); }, {x});
      check_derivatives([&](auto& a) { return prod(a[0], axes, keepdims); }, {x});
      check_derivatives([&](auto& a) { return mean(a[0], axes, keepdims); }, {x});
      check_derivatives([&](auto& a) { return max(a[0], axes, keepdims); }, {x});
      check_derivatives([&](auto& a) { return min(a[0], axes, keepdims); }, {x});
      check_derivatives([&](auto& a) { return var(a[0], axes, keepdims); }, {x});
    }
  check_derivatives([](auto& a) { return mlx::core::std(a[0], 1); }, {x});
  check_derivatives([](auto& a) { return var(a[0], 1, false, 1); }, {x});
  array z = random_array({2, 3}, 2, -1, 1, complex64);
  check_derivatives([](auto& a) { return sum(a[0], 1); }, {z});
  check_derivatives([](auto& a) { return prod(a[0], 1); }, {z});
  check_derivatives([](auto& a) { return mean(a[0], 0); }, {z});
}

TEST_CASE("products pass gradients past zeros") {
  auto gradient = [](const array& x) {
    return values(grad([](const array& a) { return prod(a); })(x));
  };
  CHECK(gradient(array({2.0f, 3.0f, 4.0f})) == Numbers{12, 8, 6});
  CHECK(gradient(array({2.0f, 0.0f, 4.0f})) == Numbers{0, 8, 0});
  CHECK(gradient(array({0.0f, 0.0f, 4.0f})) == Numbers{0, 0, 0});
  CHECK(gradient(array({7.0f})) == Numbers{1});
  CHECK(gradient(zeros({0})).empty());
  // Its derivative in turn: the mixed one of two elements is the product of the others.
  auto second = [&](const array& x) {
    return grad(
        [](const array& y) { return take(grad([](const array& a) { return prod(a); })(y), 0); })(x);
  };
  CHECK(values(second(array({5.0f, 0.0f, 3.0f, 2.0f}))) == Numbers{0, 6, 0, 0});
}

TEST_CASE("equal extremes share the gradient") {
  auto f = [](const array& x) { return sum(max(x, 1)); };
  array gradient = grad(f)(array({1.0f, 3.0f, 3.0f, 2.0f, 0.0f, 2.0f}, {2, 3}));
  CHECK(values(gradient) == Numbers{0, 0.5, 0.5, 0.5, 0, 0.5});
  // Among NaN it is the NaN that count.
  CHECK(values(grad(f)(array({1.0f, not_a_number, not_a_number}, {1, 3}))) == Numbers{0, 0.5, 0.5});
  auto tangent =
      jvp(ScalarFunction(f), array({1.0f, 3.0f, 3.0f}, {1, 3}), array({5.0f, 1.0f, 2.0f}, {1, 3}));
  CHECK(tangent.second.item<float>() == 1.5f);
}

TEST_CASE("positions and truth values have zero gradients") {
  auto f = [](const array& x) {
    return sum(take(x, argmax(x))) + astype(argmin(x), float32) + astype(any(x), float32);
  };
  CHECK(values(grad(f)(array({1.0f, 3.0f, 2.0f}))) == Numbers{0, 1, 0});
}

TEST_CASE("vmap of reductions") {
  array x = random_array({3, 4, 5}, 1);
  for (int mapped : {0, 1, 2})
    for (const Axes& axes : {Axes{0}, Axes{1}, Axes{0, 1}})
      for (bool keepdims : {false, true}) {
        int out = keepdims ? 1 : 0;
        check_vmap([&](auto& a) { return sum(a[0], axes, keepdims); }, {x}, {mapped}, out);
        check_vmap([&](auto& a) { return max(a[0], axes, keepdims); }, {x}, {mapped}, out);
        check_vmap([&](auto& a) { return any(a[0] > 0.9, axes, keepdims); }, {x}, {mapped}, out);
        check_vmap([&](auto& a) { return argmax(a[0], axes[0], keepdims); }, {x}, {mapped}, out);
      }
  check_vmap([](auto& a) { return argmin(a[0]); }, {x}, {1});
  check_vmap([](auto& a) { return var(a[0]); }, {x}, {2});
}

TEST_CASE("the deviation of equal elements has a derivative of zero") {
  for (Dtype dtype : {float16, bfloat16, float32, float64, complex64}) {
    array x = full({2, 3}, 1.5f, dtype);
    for (auto f : {+[](const array& a) { return sum(mlx::core::std(a, 1)); },
                   +[](const array& a) { return sum(mlx::core::std(a, 1, false, 1)); },
                   +[](const array& a) { return sum(var(a, 1)); }})
      CHECK(sum(abs(grad(f)(x))).item<float>() == 0);
  }
}
