#include <limits>

#include "linalg_test_data.h"

using namespace mlx::core;
using namespace mlx::core::testing;
using namespace mlx::core::linalg;

namespace {

using Axes = std::vector<int>;
using Numbers = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("linalg: norms of vectors") {
  array a({3.f, -4.f, 0.f});
  CHECK(norm(a).item<float>() == 5);
  CHECK(norm(a, 2.0).item<float>() == 5);
  CHECK(norm(a, 1.0).item<float>() == 7);
  CHECK(norm(a, 0.0).item<float>() == 2);
  CHECK(norm(a, infinity).item<float>() == 4);
  CHECK(norm(a, -infinity).item<float>() == 0);
  CHECK(norm(a, 3.0).item<float>() == doctest::Approx(std::cbrt(91.0)));
  CHECK(norm(array({1.f, 2.f}), -1.0).item<float>() == doctest::Approx(2.0 / 3));
  array m = random_array({2, 3, 4}, 1);
  CHECK(norm(m, 1.0, 1).shape() == Shape{2, 4});
  CHECK(norm(m, 1.0, 1, true).shape() == Shape{2, 1, 4});
  CHECK(distance(norm(m, 3.0, -1), power(sum(power(abs(m), array(3.0, float64)), -1),
                                         array(1.0 / 3, float64))) < 1e-14);
  CHECK(distance(norm(m), sqrt(sum(square(m)))) < 1e-14);
  CHECK(distance(norm(m, Axes{0, 2}, true), sqrt(sum(square(m), Axes{0, 2}, true))) < 1e-14);
  CHECK(norm(array({3, 4})).dtype() == float32);
  CHECK(norm(array({3, 4})).item<float>() == 5);
  CHECK(norm(array({true, true}), 1.0).item<float>() == 2);
  CHECK(norm(array({complex64_t(3, 4), complex64_t(0, 12)})).item<float>() == 13);
  CHECK(norm(array({complex64_t(3, 4)}), 1.0).item<float>() == 5);
  CHECK(norm(ones({4}, float16)).dtype() == float16);
  CHECK(norm(zeros({0})).item<float>() == 0);
}

TEST_CASE("linalg: norms of matrices") {
  array a({1.f, -2.f, 3.f, 4.f, 5.f, -6.f}, {2, 3});
  CHECK(norm(a, 1.0).item<float>() == 9);
  CHECK(norm(a, -1.0).item<float>() == 5);
  CHECK(norm(a, infinity).item<float>() == 15);
  CHECK(norm(a, -infinity).item<float>() == 6);
  CHECK(norm(a, "fro").item<float>() == doctest::Approx(std::sqrt(91.0)));
  CHECK(norm(a).item<float>() == doctest::Approx(std::sqrt(91.0)));
  array s = svd(a, false)[0];
  CHECK(distance(norm(a, "nuc"), sum(s)) < 1e-5);
  CHECK(distance(norm(a, 2.0), max(s)) < 1e-5);
  CHECK(distance(norm(a, -2.0), min(s)) < 1e-5);
  array batch = random_array({4, 5, 3, 2}, 1);
  for (double ord : {1.0, -1.0, 2.0, -2.0, infinity, -infinity}) {
    CAPTURE(ord);
    CHECK(norm(batch, ord, Axes{0, 2}).shape() == Shape{5, 2});
    CHECK(norm(batch, ord, Axes{2, 0}, true).shape() == Shape{1, 5, 1, 2});
    array moved = norm(transpose(batch, {1, 3, 2, 0}), ord, Axes{-2, -1});
    CHECK(distance(norm(batch, ord, Axes{2, 0}), moved) < 1e-13);
  }
  CHECK(norm(batch, "nuc", Axes{1, -1}, true).shape() == Shape{4, 1, 3, 1});
  CHECK(norm(ones({2, 2}, int32), "nuc").item<float>() == doctest::Approx(2));
  CHECK(norm(ones({2, 2}, float16), 2.0).dtype() == float16);
  CHECK(norm(ones({2, 2}, complex64), 2.0).dtype() == float32);
}

TEST_CASE("linalg: orders and axes that don't fit") {
  array a = ones({2, 2, 2});
  CHECK_THROWS_AS(norm(a, 2.0), ShapeError);
  CHECK_THROWS_AS(norm(a, 3.0, Axes{0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(norm(a, 0.0, Axes{0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(norm(a, 1.0, Axes{0, 1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(norm(a, "fro", 0), ShapeError);
  CHECK_THROWS_AS(norm(a, "max", Axes{0, 1}), std::invalid_argument);
  CHECK_THROWS_AS(norm(a, 1.0, 3), std::out_of_range);
  CHECK_THROWS_AS(norm(a, Axes{0, 0}), std::invalid_argument);
}

TEST_CASE("linalg: derivatives and vmap of norms") {
  array m = random_array({3, 4, 2}, 1);
  for (double ord : {1.0, 2.0, 3.0, infinity, -infinity})
    check_derivatives([&](auto& x) { return norm(x[0], ord, 1); }, {m});
  for (double ord : {1.0, -1.0, 2.0, -2.0, infinity, -infinity}) {
    check_derivatives([&](auto& x) { return norm(x[0], ord, Axes{0, 2}); }, {m});
    check_vmap([&](auto& x) { return norm(x[0], ord); }, {m}, {1});
  }
  check_derivatives([](auto& x) { return norm(x[0]); }, {m});
  check_derivatives([](auto& x) { return norm(x[0], "nuc", Axes{1, 0}, true); }, {m});
  check_derivatives([](auto& x) { return norm(x[0], Axes{0}); },
                    {random_array({3, 2}, 1, -1, 1, complex64)});
  auto gradient = grad([](const array& x) { return norm(x); });
  CHECK(values(gradient(zeros({3}))) == Numbers{0, 0, 0});
}

TEST_CASE("linalg: cross products") {
  array x({1, 0, 0}), y({0, 1, 0});
  CHECK(values(cross(x, y)) == Numbers{0, 0, 1});
  CHECK(values(cross(y, x)) == Numbers{0, 0, -1});
  CHECK(cross(x, y).dtype() == int32);
  CHECK(values(cross(array({1, 2}), array({3, 4}))) == Numbers{0, 0, -2});
  CHECK(values(cross(array({1, 2}), array({3, 4, 5}))) == Numbers{10, -5, -2});
  CHECK(values(cross(array({3, 4, 5}), array({1, 2}))) == Numbers{-10, 5, 2});
  array a = random_array({4, 3, 5}, 1), b = random_array({3, 5}, 2);
  array c = cross(a, b, -2);
  CHECK(c.shape() == Shape{4, 3, 5});
  CHECK(distance(sum(c * a, 1), zeros({4, 5}, float64)) < 1e-14);
  CHECK(distance(sum(c * b, 1), zeros({4, 5}, float64)) < 1e-14);
  CHECK(cross(zeros({0, 3}), zeros({0, 3})).shape() == Shape{0, 3});
  CHECK_THROWS_AS(cross(zeros({4}), zeros({4})), ShapeError);
  CHECK_THROWS_AS(cross(zeros({3, 5}), zeros({3, 3}), 0), ShapeError);
  CHECK_THROWS_AS(cross(array(1), array(1)), IndexError);
  check_derivatives([](auto& v) { return cross(v[0], v[1], -2); }, {a, b});
  check_vmap([](auto& v) { return cross(v[0], v[1], 0); }, {a, b}, {0, -1});
}

TEST_CASE("linalg: norms have a derivative of zero where they have none of their own") {
  for (double ord : {0.5, 1.0, 1.5, 2.0, 3.0, -1.0, -2.0, infinity, -infinity}) {
    auto f = [&](const array& x) { return norm(x, ord); };
    for (Dtype dtype : {float32, float16, float64, complex64})
      CHECK(all(equal(grad(f)(zeros({3}, dtype)), array(0, dtype))).item<bool>());
    array some = grad(f)(array({0.0f, 3.0f, -4.0f}));
    CHECK(all(isfinite(some)).item<bool>());
    CHECK(values(some)[0] == 0);
  }
  auto cubic = [](const array& x) { return norm(x, 3.0); };
  array x({1.0f, -2.0f, 2.0f}), wanted = array({1.0f, -4.0f, 4.0f}) / std::pow(17.0f, 2.0f / 3);
  CHECK(distance(grad(cubic)(x), wanted) < 1e-6);
  // Squares and cubes that float16 has no room for.
  CHECK(norm(full({2}, 300.0f, float16)).item<float16_t>() == float16_t(424.25f));
  CHECK(norm(full({8}, 300.0f, float16), 3.0).item<float16_t>() == float16_t(600.0f));
}
