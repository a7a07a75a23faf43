#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "derivative_checks.h"
#include "mlx/fast.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

constexpr float kEps = 1e-5f;

array plain_layer_norm(const array& x, const array& w, const array& b) {
  array centred = x - mean(x, -1, true);
  return centred * rsqrt(mean(square(centred), -1, true) + array(kEps, x.dtype())) * w + b;
}

array plain_rms_norm(const array& x, const array& w) {
  return x * rsqrt(mean(square(x), -1, true) + array(kEps, x.dtype())) * w;
}

}  // namespace

TEST_CASE("norms are those of the formulas, in every floating dtype and layout") {
  for (Dtype dtype : {float16, bfloat16, float32, float64})
    for (int columns : {1, 3, 16, 37, 300}) {
      array x = random_array({2, 5, columns}, 1, -2, 3, dtype);
      array w = random_array({columns}, 2, 0, 2, dtype),
            b = random_array({columns}, 3, -1, 1, dtype);
      array moved = swapaxes(random_array({columns, 5, 2}, 4, -2, 3, dtype), 0, 2);
      double tolerance = dtype == float64   ? 1e-12
                         : dtype == float32 ? 3e-5
                         : dtype == float16 ? 6e-3
                                            : 5e-2;
      array wide_w = astype(w, float64), wide_b = astype(b, float64);
      for (const array& input : {x, moved}) {
        array wide = astype(input, float64);
        array layer = fast::layer_norm(input, w, b, kEps), rms = fast::rms_norm(input, w, kEps);
        CHECK(layer.dtype() == dtype);
        CHECK(rms.dtype() == dtype);
        CHECK(distance(astype(layer, float64), plain_layer_norm(wide, wide_w, wide_b)) < tolerance);
        CHECK(distance(astype(rms, float64), plain_rms_norm(wide, wide_w)) < tolerance);
      }
    }
  array x = random_array({4, 6}, 5);
  array one = ones({6}, float64), zero = zeros({6}, float64);
  CHECK(distance(fast::layer_norm(x, std::nullopt, std::nullopt, kEps),
                 plain_layer_norm(x, one, zero)) < 1e-13);
  CHECK(distance(fast::rms_norm(x, std::nullopt, kEps), plain_rms_norm(x, one)) < 1e-13);
}

TEST_CASE("norms: dtypes meet, zero sizes, NaN stays in its row, errors") {
  array x = random_array({3, 8}, 1, -1, 1, float16), w = ones({8}, float32);
  CHECK(fast::rms_norm(x, w, kEps).dtype() == float32);
  CHECK(fast::layer_norm(x, std::nullopt, std::nullopt, kEps).dtype() == float16);
  CHECK(fast::layer_norm(x, w, w, kEps).dtype() == float32);
  CHECK(fast::rms_norm(zeros({0, 8}), w, kEps).shape() == Shape{0, 8});
  CHECK(values(fast::rms_norm(zeros({3, 0}), zeros({0}), kEps)).empty());
  array rows = array({1.f, 2.f, std::numeric_limits<float>::quiet_NaN(), 1.f}, {2, 2});
  auto result = values(fast::layer_norm(rows, std::nullopt, std::nullopt, kEps));
  CHECK(result[1] == doctest::Approx(1).epsilon(1e-3));
  CHECK(std::isnan(result[2]));
  CHECK_THROWS_AS(fast::rms_norm(x, ones({7}), kEps), ShapeError);
  CHECK_THROWS_AS(fast::layer_norm(x, w, ones({8, 1}), kEps), ShapeError);
  CHECK_THROWS_AS(fast::rms_norm(array(1.f), std::nullopt, kEps), ShapeError);
  CHECK_THROWS_AS(fast::rms_norm(ones({3}, int32), std::nullopt, kEps), DtypeError);
  CHECK_THROWS_AS(fast::layer_norm(ones({3}, complex64), std::nullopt, std::nullopt, kEps),
                  DtypeError);
}

TEST_CASE("derivatives of norms, twice too") {
  array x = random_array({3, 4, 7}, 1, -1, 2), w = random_array({7}, 2, 0.5, 2);
  array b = random_array({7}, 3);
  check_derivatives([](auto& a) { return fast::layer_norm(a[0], a[1], a[2], kEps); }, {x, w, b});
  check_derivatives([](auto& a) { return fast::rms_norm(a[0], a[1], kEps); }, {x, w});
  check_derivatives([](auto& a) { return fast::rms_norm(a[0], std::nullopt, kEps); }, {x});
  for (bool centred : {false, true}) {
    auto gradient = [&](const std::vector<array>& a) {
      auto loss = [&](const std::vector<array>& p) {
        array y = centred ? fast::layer_norm(p[0], p[1], std::nullopt, kEps)
                          : fast::rms_norm(p[0], p[1], kEps);
        return std::vector<array>{sum(sin(y))};
      };
      auto both = value_and_grad(VectorFunction(loss), {0, 1})(a).second;
      return concatenate({flatten(both[0]), both[1]}, 0);
    };
    check_derivatives(gradient, {x, w}, 1e-5);
  }
  array empty = zeros({0, 7}, float64);
  auto gradients = vjp(
      [&](const std::vector<array>& a) {
        return std::vector<array>{fast::layer_norm(empty, a[0], a[1], kEps)};
      },
      {w, b}, {empty});
  CHECK(values(gradients.second[0]) == std::vector<double>(7, 0));
}

TEST_CASE("vmap of norms") {
  array x = random_array({3, 4, 5}, 1), w = random_array({5, 3}, 2), b = random_array({3, 5}, 3);
  array v = random_array({5}, 4);
  auto layer = [](auto& a) { return fast::layer_norm(a[0], a[1], a[2], kEps); };
  check_vmap(layer, {x, v, v}, {1, -1, -1});
  check_vmap(layer, {x, w, b}, {0, 1, 0});
  check_vmap(layer, {x, v, b}, {-1, -1, 0});
  check_vmap([](auto& a) { return fast::rms_norm(a[0], a[1], kEps); }, {x, w}, {-1, 1});
  check_vmap([](auto& a) { return fast::rms_norm(a[0], std::nullopt, kEps); }, {x}, {1}, 1);
  // Gradients of slices by themselves, and all at once.
  auto gradient = [](const std::vector<array>& a) {
    auto loss = [](const std::vector<array>& p) {
      return std::vector<array>{sum(sin(fast::rms_norm(p[0], p[1], kEps)))};
    };
    return value_and_grad(VectorFunction(loss), {0, 1})(a).second;
  };
  auto mapped = vmap(VectorFunction(gradient), {0, -1}, {0, 0})({x, v});
  for (int i = 0; i < 3; ++i) {
    auto single = gradient({take(x, i, 0), v});
    CHECK(distance(take(mapped[0], i, 0), single[0]) < 1e-12);
    CHECK(distance(take(mapped[1], i, 0), single[1]) < 1e-12);
  }
}

TEST_CASE("norms give the same bits for any number of threads") {
  array x = random_array({700, 300}, 1, -1, 1, float32), w = random_array({300}, 2, 0, 1, float32);
  auto compute = [&] {
    auto f = [&](const std::vector<array>& a) {
      return std::vector<array>{fast::layer_norm(a[0], a[1], a[1], kEps)};
    };
    auto [outputs, gradients] = vjp(f, {x, w}, {sin(x)});
    return concatenate({flatten(outputs[0]), flatten(gradients[0]), gradients[1]}, 0);
  };
  const int threads = num_threads();
  set_num_threads(1);
  array one = compute();
  eval(one);
  set_num_threads(4);
  array four = compute();
  eval(four);
  set_num_threads(threads);
  CHECK(array_equal(one, four, false).item<bool>());
}
