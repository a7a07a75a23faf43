#include <doctest/doctest.h>

#include "mlx/mlx.h"

using namespace mlx::core;

TEST_CASE("grad, value_and_grad and vjp agree on a closed form") {
  auto f = [](const array& x) { return sum(x * x * x); };
  array x({1.0f, 2.0f, 3.0f});
  CHECK(array_equal(grad(f)(x), array({3.0f, 12.0f, 27.0f})).item<bool>());
  auto [value, gradient] = value_and_grad(ScalarFunction(f))(x);
  CHECK(value.item<float>() == 36.0f);
  CHECK(array_equal(gradient, array({3.0f, 12.0f, 27.0f})).item<bool>());
}

TEST_CASE("derivatives nest to any depth") {
  ScalarFunction f = [](const array& x) { return exp(x + x) * x; };
  ScalarFunction g = f;
  for (int i = 0; i < 4; ++i) g = grad(g);
  // The fourth derivative of x e^2x is (16 x + 32) e^2x.
  CHECK(g(array(0.5f)).item<float>() == doctest::Approx(40 * std::exp(1.0)).epsilon(1e-5));
}

TEST_CASE("forward over reverse equals reverse over forward") {
  auto f = [](const array& x) { return sum(sin(x) * x); };
  array x({0.3f, -1.2f}), v({1.0f, 2.0f});
  auto hvp = jvp(ScalarFunction([&](const array& y) { return grad(f)(y); }), x, v).second;
  auto reverse = grad([&](const array& y) { return jvp(ScalarFunction(f), y, v).second; })(x);
  CHECK(allclose(hvp, reverse, 1e-5, 1e-6).item<bool>());
}

TEST_CASE("several arguments: chosen, negative, repeated and absent") {
  auto f = [](const std::vector<array>& x) { return sum(x[0] * x[1] + x[1]); };
  array a({1.0f, 2.0f}), b({3.0f, 4.0f});
  auto grads = grad(f, std::vector<int>{1, 0})({a, b});
  CHECK(array_equal(grads[0], a + array(1.0f)).item<bool>());
  CHECK(array_equal(grads[1], b).item<bool>());
  CHECK(array_equal(grad(f, -1)({a, b})[0], a + array(1.0f)).item<bool>());
  CHECK_THROWS_AS(grad(f, std::vector<int>{0, 0})({a, b}), std::invalid_argument);
  CHECK_THROWS_AS(grad(f, 2)({a, b}), IndexError);
  // An array given twice is two arguments.
  auto both = grad(f, std::vector<int>{0, 1})({a, a});
  CHECK(array_equal(both[0], a).item<bool>());
  CHECK(array_equal(both[1], a + array(1.0f)).item<bool>());
}

TEST_CASE("what doesn't depend on an argument has a zero gradient") {
  auto f = [](const std::vector<array>& x) { return sum(x[0]); };
  auto grads = grad(f, std::vector<int>{0, 1})({ones({2}), ones({3})});
  CHECK(array_equal(grads[1], zeros({3})).item<bool>());
  auto stopped = [](const array& x) { return sum(x * stop_gradient(x * x)); };
  CHECK(grad(stopped)(array({3.0f})).item<float>() == 9.0f);
}

TEST_CASE("gradients of anything but a scalar are refused") {
  CHECK_THROWS_AS(grad([](const array& x) { return x * x; })(ones({2})), std::invalid_argument);
}

TEST_CASE("vmap over chosen axes equals a loop") {
  auto f = [](const array& a, const array& b) { return matmul(a, b) + sum(a); };
  array a = reshape(arange(24.0), {2, 3, 4}), b = reshape(arange(24.0), {4, 3, 2});
  a = astype(a, float32);
  b = astype(b, float32);
  auto mapped = vmap(f, 0, 2, 1)(a, b);
  CHECK(mapped.shape() == Shape{3, 2, 3});
  for (int i = 0; i < 2; ++i) {
    array row = squeeze(slice(a, {i, 0, 0}, {i + 1, 3, 4}), 0);
    array column = squeeze(slice(b, {0, 0, i}, {4, 3, i + 1}), 2);
    array got = squeeze(slice(mapped, {0, i, 0}, {3, i + 1, 3}), 1);
    CHECK(allclose(got, f(row, column)).item<bool>());
  }
}

TEST_CASE("vmap: shared inputs, constant outputs, wrong axes") {
  auto f = [](const array& a, const array& b) { return a * b; };
  array a({1.0f, 2.0f, 3.0f}), b({10.0f});
  CHECK(vmap(f, 0, -1)(a, b).shape() == Shape{3, 1});
  auto constant = [](const array&) { return array(5.0f); };
  CHECK(array_equal(vmap(constant)(a), full({3}, 5.0f)).item<bool>());
  CHECK_THROWS_AS(vmap(f, 0, 0)(ones({2}), ones({3})), std::invalid_argument);
  CHECK_THROWS_AS(vmap(f, -1, -1)(a, b), std::invalid_argument);
  CHECK_THROWS_AS(vmap(f, 1, 0)(a, a), IndexError);
}

TEST_CASE("vmap of grad gives each sample's gradient") {
  auto loss = [](const array& w, const array& x) { return sum(square(w * x)); };
  array w({2.0f, 3.0f}), xs({1.0f, 2.0f, 3.0f, 4.0f}, {2, 2});
  auto per_sample =
      vmap(std::function<array(const array&, const array&)>([&](const array& w, const array& x) {
             return grad([&](const array& v) { return loss(v, x); })(w);
           }),
           -1, 0)(w, xs);
  CHECK(array_equal(per_sample, array({4.0f, 24.0f, 36.0f, 96.0f}, {2, 2})).item<bool>());
}
