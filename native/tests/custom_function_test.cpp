#include <doctest/doctest.h>

#include "derivative_checks.h"
#include "mlx/memory.h"
#include "mlx/mlx.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Arrays = std::vector<array>;

Arrays product(const Arrays& x) { return {sin(x[0]) * x[1]}; }

/// Gradients twice as large as the true ones, so that their use can be told.
Arrays doubled_vjp(const Arrays& primals, const Arrays& cotangents, const Arrays&) {
  array two(2.0);
  return {two * cotangents[0] * cos(primals[0]) * primals[1],
          two * cotangents[0] * sin(primals[0])};
}

}  // namespace

TEST_CASE("a custom vjp is used by grad, under vmap and compile, and to any order") {
  auto custom = custom_vjp(product, doubled_vjp);
  auto f = [&](const Arrays& x) { return sum(custom(x)[0]); };
  auto plain = [&](const Arrays& x) { return sum(product(x)[0]); };
  Arrays x = {random_array({3}, 1), random_array({3}, 2)};
  CHECK(f(x).item<double>() == plain(x).item<double>());
  auto expected = grad(plain, std::vector<int>{0, 1})(x);
  auto got = grad(f, std::vector<int>{0, 1})(x);
  for (int i : {0, 1}) CHECK(distance(got[i], array(2.0) * expected[i]) < 1e-12);

  auto compiled = compile(VectorFunction([&](const Arrays& y) { return grad(f)(y); }));
  CHECK(distance(compiled(x)[0], got[0]) < 1e-12);
  auto through_compiled = compile(custom);
  auto g = [&](const Arrays& y) { return sum(through_compiled(y)[0]); };
  CHECK(distance(grad(g)(x)[0], got[0]) < 1e-12);

  // vmap of grad and grad of vmap; the second argument is shared by all rows.
  array rows = random_array({4, 3}, 3);
  auto per_row = vmap(VectorFunction([&](const Arrays& y) { return grad(f, {0, 1})(y); }), {0, -1},
                      {0, 0})({rows, x[1]});
  CHECK(distance(per_row[0], array(2.0) * cos(rows) * x[1]) < 1e-12);
  auto of_mapped = [&](const Arrays& y) { return sum(vmap(custom, {0, -1})(y)[0]); };
  auto both = grad(of_mapped, std::vector<int>{0, 1})({rows, x[1]});
  CHECK(distance(both[0], array(2.0) * cos(rows) * x[1]) < 1e-12);
  CHECK(distance(both[1], array(2.0) * sum(sin(rows), 0)) < 1e-12);

  // The second derivative goes through the rule: d/dx of 2 cos(x) y.
  auto second = grad([&](const Arrays& y) { return sum(grad(f)(y)[0]); })(x)[0];
  CHECK(distance(second, array(-2.0) * sin(x[0]) * x[1]) < 1e-12);
}

TEST_CASE("a custom jvp is used forwards, with the arguments that have tangents") {
  std::vector<int> seen;
  auto rule = [&](const Arrays& primals, const Arrays& tangents, const std::vector<int>& argnums) {
    seen = argnums;
    array total = zeros_like(primals[0]);
    for (size_t i = 0; i < argnums.size(); ++i)
      total = total + (argnums[i] == 0 ? tangents[i] * cos(primals[0]) * primals[1]
                                       : tangents[i] * sin(primals[0]));
    return Arrays{array(3.0) * total};
  };
  auto custom = custom_function(product, std::nullopt, rule);
  array x = random_array({3}, 1), y = random_array({3}, 2), t = random_array({3}, 3);
  auto of_y = [&](const array& v) { return custom({x, v})[0]; };
  CHECK(distance(jvp(ScalarFunction(of_y), y, t).second, array(3.0) * t * sin(x)) < 1e-12);
  CHECK(seen == std::vector<int>{1});
  auto mapped = [&](const array& v) { return vmap(custom, {-1, 0})({x, v})[0]; };
  array rows = random_array({2, 3}, 4), directions = random_array({2, 3}, 5);
  CHECK(distance(jvp(ScalarFunction(mapped), rows, directions).second,
                 array(3.0) * directions * sin(x)) < 1e-12);
  // Without a vjp of its own, the reverse derivative is the function's.
  auto reverse = grad([&](const array& v) { return sum(custom({x, v})[0]); })(y);
  CHECK(distance(reverse, sin(x)) < 1e-12);
}

TEST_CASE("a custom vmap is used, and its axes count") {
  auto rule = [](const Arrays& inputs, const std::vector<int>& axes) {
    array moved = moveaxis(inputs[0], axes[0], -1);
    return std::make_pair(Arrays{array(5.0) * moved}, std::vector<int>{int(moved.ndim()) - 1});
  };
  auto custom = custom_function([](const Arrays& x) { return Arrays{x[0]}; }, std::nullopt,
                                std::nullopt, rule);
  array x = random_array({2, 3}, 1);
  CHECK(array_equal(vmap(custom)({x})[0], array(5.0) * x).item<bool>());
  CHECK(array_equal(vmap(custom, {1}, {1})({x})[0], array(5.0) * x).item<bool>());
}

TEST_CASE("what a custom function captures has its ordinary derivative") {
  auto f = [](const Arrays& x) {
    auto custom = custom_vjp([&](const Arrays& y) { return Arrays{y[0] * x[1]}; },
                             [&](const Arrays&, const Arrays& cotangents, const Arrays&) {
                               return Arrays{array(10.0) * cotangents[0]};
                             });
    return sum(custom({x[0]})[0]);
  };
  Arrays x = {random_array({3}, 1), random_array({3}, 2)};
  auto got = grad(f, std::vector<int>{0, 1})(x);
  CHECK(distance(got[0], full({3}, 10.0, float64)) < 1e-12);
  CHECK(distance(got[1], x[0]) < 1e-12);
}

TEST_CASE("rules that return something else are errors") {
  auto few = custom_vjp(product,
                        [](const Arrays& p, const Arrays&, const Arrays&) { return Arrays{p[0]}; });
  auto wrong = custom_vjp(product, [](const Arrays& p, const Arrays&, const Arrays&) {
    return Arrays{sum(p[0]), p[1]};
  });
  Arrays x = {ones({3}), ones({3})};
  CHECK_THROWS_AS(grad([&](const Arrays& y) { return sum(few(y)[0]); })(x), std::invalid_argument);
  CHECK_THROWS_AS(grad([&](const Arrays& y) { return sum(wrong(y)[0]); })(x), ShapeError);
}

TEST_CASE("checkpoint has the same derivatives") {
  auto block = [](const Arrays& x) { return Arrays{tanh(matmul(x[0], x[1]))}; };
  auto saved = checkpoint(block);
  Arrays x = {random_array({4, 4}, 1), random_array({4, 4}, 2)};
  auto loss = [](const VectorFunction& f) {
    return [=](const Arrays& y) { return sum(square(f({f(y)[0], y[1]})[0])); };
  };
  auto expected = grad(loss(block), std::vector<int>{0, 1})(x);
  auto got = grad(loss(saved), std::vector<int>{0, 1})(x);
  for (int i : {0, 1}) CHECK(distance(got[i], expected[i]) < 1e-12);
  check_derivatives(loss(saved), x);
}

TEST_CASE("checkpoint lowers the peak of memory") {
  constexpr int layers = 8, parts = 6;
  auto block = [](const Arrays& x) {
    array y = x[0];
    for (int i = 0; i < parts; ++i) y = sin(matmul(y, x[1]));
    return Arrays{y};
  };
  auto peak_of = [&](const VectorFunction& layer) {
    auto f = [&](const Arrays& x) {
      array y = x[0];
      for (int i = 0; i < layers; ++i) y = layer({y, x[1]})[0];
      return sum(y);
    };
    Arrays x = {random_array({4096, 64}, 1, -1, 1, float32),
                random_array({64, 64}, 2, -1, 1, float32)};
    eval(x);
    auto gradients = grad(f, std::vector<int>{0, 1})(x);
    clear_cache();
    reset_peak_memory();
    size_t before = get_active_memory();
    eval(gradients);
    return get_peak_memory() - before;
  };
  size_t all = peak_of(block), few = peak_of(checkpoint(block));
  MESSAGE("peak without checkpoint ", all >> 20, " MiB, with ", few >> 20, " MiB");
  CHECK(few < all / 2);
}
