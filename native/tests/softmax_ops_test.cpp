#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "derivative_checks.h"
#include "mlx/ops/softmax_parts.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;
using Axes = std::vector<int>;

const float infinity = std::numeric_limits<float>::infinity();

array plain_softmax(const array& x, const Axes& axes) {
  array e = exp(x - max(x, axes, true));
  return e / sum(e, axes, true);
}

}  // namespace

TEST_CASE("softmax over any axes is that of the formula") {
  array x = random_array({3, 4, 5}, 1, -4, 4);
  for (const Axes& axes : {Axes{2}, Axes{-1}, Axes{0}, Axes{1}, Axes{1, 2}, Axes{0, 2}, Axes{2, 0},
                           Axes{0, 1, 2}, Axes{0, 1}}) {
    CHECK(distance(softmax(x, axes), plain_softmax(x, axes)) < 1e-14);
    array t = transpose(x, {2, 0, 1});
    CHECK(distance(softmax(t, axes), plain_softmax(t, axes)) < 1e-14);
  }
  CHECK(distance(softmax(x), plain_softmax(x, {0, 1, 2})) < 1e-14);
  CHECK(distance(softmax(x, 1), softmax(x, Axes{1})) == 0);
  CHECK(values(softmax(x, Axes{})) == Numbers(60, 1.0));
  CHECK(softmax(zeros({0, 3}), 1).shape() == Shape{0, 3});
  CHECK(softmax(zeros({3, 0}), 1).shape() == Shape{3, 0});
  CHECK(softmax(array(2.0f)).item<float>() == 1.0f);
}

TEST_CASE("softmax: dtypes, infinities, errors") {
  CHECK(softmax(array({1, 1})).dtype() == float32);
  CHECK(values(softmax(array({1, 1}))) == Numbers{0.5, 0.5});
  for (Dtype dtype : {float16, bfloat16, float32, float64}) {
    array x = random_array({2, 300}, 2, -3, 3, dtype);
    array wide = softmax(astype(x, float64), -1);
    CHECK(softmax(x, -1).dtype() == dtype);
    CHECK(distance(softmax(x, -1, true), softmax(x, -1)) == 0);
    CHECK(allclose(astype(softmax(x, -1), float64), wide, dtype == bfloat16 ? 4e-3 : 5e-4, 1e-7)
              .item<bool>());
  }
  CHECK(values(softmax(array({-infinity, 0.0f, 0.0f}))) == Numbers{0, 0.5, 0.5});
  CHECK(values(softmax(array({1000.0f, 1000.0f}))) == Numbers{0.5, 0.5});
  CHECK_THROWS_AS(softmax(zeros({2}, complex64)), DtypeError);
  CHECK_THROWS_AS(softmax(zeros({2}), 1), std::out_of_range);
  CHECK_THROWS_AS(softmax(zeros({2, 2}), Axes{0, -2}), std::invalid_argument);
}

TEST_CASE("logsumexp over any axes is that of the formula") {
  array x = random_array({3, 4, 5}, 1, -4, 4);
  for (const Axes& axes : {Axes{2}, Axes{0}, Axes{1}, Axes{1, 2}, Axes{0, 2}, Axes{0, 1, 2}}) {
    CHECK(distance(logsumexp(x, axes), log(sum(exp(x), axes))) < 1e-13);
    CHECK(distance(logsumexp(x, axes, true), log(sum(exp(x), axes, true))) < 1e-13);
  }
  CHECK(logsumexp(x).ndim() == 0);
  CHECK(logsumexp(x, true).shape() == Shape{1, 1, 1});
  CHECK(distance(logsumexp(x, Axes{}), x) < 1e-15);
  CHECK(logsumexp(array({1000.0f, 1000.0f})).item<float>() ==
        doctest::Approx(1000 + std::log(2.0)));
  CHECK(logsumexp(array({-infinity, -infinity})).item<float>() == -infinity);
  CHECK(values(logsumexp(zeros({2, 0}), 1)) == Numbers{-infinity, -infinity});
  CHECK(logsumexp(array({1, 2})).dtype() == float32);
  CHECK_THROWS_AS(logsumexp(zeros({2}, complex64)), DtypeError);
  CHECK_THROWS_AS(logsumexp(zeros({2}), 1), std::out_of_range);
}

TEST_CASE("derivatives of softmax and logsumexp") {
  array x = random_array({3, 4, 5}, 1, -2, 2);
  for (const Axes& axes : {Axes{2}, Axes{0}, Axes{0, 2}, Axes{1, 2}}) {
    check_derivatives([&](auto& a) { return softmax(a[0], axes); }, {x});
    check_derivatives([&](auto& a) { return logsumexp(a[0], axes); }, {x});
    check_derivatives([&](auto& a) { return logsumexp(a[0], axes, true); }, {x});
  }
  // Twice.
  ScalarFunction f = [](const array& y) { return sum(softmax(y) * sin(y)) + logsumexp(y); };
  check_derivatives([&](auto& a) { return grad(f)(a[0]); }, {random_array({6}, 4)});
}

TEST_CASE("vmap of softmax and logsumexp") {
  array x = random_array({3, 4, 5}, 1, -2, 2);
  for (int mapped : {0, 1, 2})
    for (const Axes& axes : {Axes{0}, Axes{1}, Axes{0, 1}}) {
      check_vmap([&](auto& a) { return softmax(a[0], axes); }, {x}, {mapped}, 2);
      check_vmap([&](auto& a) { return logsumexp(a[0], axes); }, {x}, {mapped});
    }
}

TEST_CASE("the two parts of logsumexp keep what their sum would lose") {
  auto parts = logsumexp_parts(array({1e8f, 1e8f, 0.0f}), 0);
  CHECK(values(parts[0]) == Numbers{1e8});
  CHECK(parts[1].item<double>() == doctest::Approx(std::log(2.0)));
  for (Dtype dtype : {float16, bfloat16}) {
    auto half = logsumexp_parts(array({100.0f, 100.0f}, dtype), -1);
    CHECK(half[1].dtype() == float32);
    CHECK(half[1].item<double>() == doctest::Approx(std::log(2.0)));
  }
  array x = random_array({3, 4, 5}, 1, -4, 4);
  auto whole = [](const array& a, int axis) {
    auto both = logsumexp_parts(a, axis);
    return both[0] + both[1];
  };
  for (int axis : {0, 1, 2, -1}) {
    CHECK(distance(whole(x, axis), logsumexp(x, axis, true)) < 1e-13);
    check_derivatives([&](auto& a) { return whole(a[0], axis); }, {x});
    for (int mapped : {0, 1, 2, 3})
      check_vmap([&](auto& a) { return whole(a[0], axis); }, {random_array({3, 4, 5, 2}, 2)},
                 {mapped});
  }
  ScalarFunction f = [&](const array& y) { return sum(square(whole(y, 0))); };
  check_derivatives([&](auto& a) { return grad(f)(a[0]); }, {random_array({6}, 4)});
  CHECK(std::isnan(logsumexp_parts(array({infinity, 0.0f}), 0)[1].item<float>()));
  CHECK_THROWS_AS(logsumexp_parts(zeros({2}), 1), std::out_of_range);
}
