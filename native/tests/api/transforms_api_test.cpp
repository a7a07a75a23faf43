#include <doctest/doctest.h>

#include "mlx/mlx.h"

// Every overload of the transformations, with the lambdas and braced lists that programs hand them.

using namespace mlx::core;

namespace {

bool is_equal(const array& a, const array& b) { return array_equal(a, b).item<bool>(); }

array cube(const array& x) { return x * x * x; }

}  // namespace

TEST_CASE("api: vjp and jvp of functions of one array and of lists") {
  auto one = [](array x) { return x * x; };
  auto [value, gradient] = vjp(one, array(3.0f), array(1.0f));
  CHECK(value.item<float>() == 9);
  CHECK(gradient.item<float>() == 6);
  CHECK(jvp(one, array(3.0f), array(2.0f)).second.item<float>() == 12);
  CHECK(vjp(cube, array(2.0f), array(1.0f)).second.item<float>() == 12);

  auto list = [](const std::vector<array>& x) { return std::vector<array>{x[0] * x[1], x[0]}; };
  auto [values, gradients] = vjp(list, {array(3.0f), array(4.0f)}, {array(1.0f), array(10.0f)});
  CHECK(values.size() == 2);
  CHECK(gradients[0].item<float>() == 14);
  CHECK(gradients[1].item<float>() == 3);
  auto pushed = jvp(list, {array(3.0f), array(4.0f)}, {array(1.0f), array(0.0f)}).second;
  CHECK(pushed[0].item<float>() == 4);
  CHECK(pushed[1].item<float>() == 1);

  auto by_value = [](std::vector<array> x) -> std::vector<array> { return {sum(x[0])}; };
  CHECK(vjp(by_value, {ones({2, 2})}, {array(2.0f)}).second[0].shape() == Shape{2, 2});
}

TEST_CASE("api: grad and value_and_grad") {
  auto one = [](const array& x) { return sum(x * x); };
  CHECK(is_equal(grad(one)(array({1.0f, 2.0f})), array({2.0f, 4.0f})));
  auto [value, gradient] = value_and_grad(one)(array({1.0f, 2.0f}));
  CHECK(value.item<float>() == 5);
  CHECK(is_equal(gradient, array({2.0f, 4.0f})));
  CHECK(grad(grad([](array x) { return x * x * x; }))(array(2.0f)).item<float>() == 12);
  CHECK(grad(cube)(array(1.0f)).item<float>() == 3);

  auto list = [](const std::vector<array>& x) { return sum(x[0] * x[1]); };
  CHECK(grad(list)({array(2.0f), array(3.0f)})[0].item<float>() == 3);
  CHECK(grad(list, 1)({array(2.0f), array(3.0f)})[0].item<float>() == 2);
  CHECK(grad(list, {0, 1})({array(2.0f), array(3.0f)}).size() == 2);
  CHECK(grad(list, std::vector<int>{-1})({array(2.0f), array(3.0f)})[0].item<float>() == 2);
  auto [product, gradients] = value_and_grad(list, {1, 0})({array(2.0f), array(3.0f)});
  CHECK(product.item<float>() == 6);
  CHECK(gradients[0].item<float>() == 2);
  CHECK(value_and_grad(list)({array(2.0f), array(3.0f)}).second.size() == 1);

  auto several = [](const std::vector<array>& x) {
    return std::vector<array>{sum(x[0]), x[0] + 1};
  };
  auto [outputs, of_first] = value_and_grad(several)({ones({2})});
  CHECK(outputs.size() == 2);
  CHECK(is_equal(of_first[0], ones({2})));
  CHECK(value_and_grad(several, {0})({ones({2})}).second.size() == 1);

  std::function<array(const array&)> named = cube;
  CHECK(grad(named)(array(1.0f)).item<float>() == 3);
  ValueAndGradFn kept = value_and_grad(several, 0);
  SimpleValueAndGradFn simple = value_and_grad(list, 0);
  CHECK(kept({ones({2})}).first.size() == 2);
  CHECK(simple({array(2.0f), array(3.0f)}).first.item<float>() == 6);

  CHECK_THROWS_AS(grad(list, 2)({array(2.0f), array(3.0f)}), std::invalid_argument);
  CHECK_THROWS_AS(grad(list, {0, 0})({array(2.0f), array(3.0f)}), std::invalid_argument);
  CHECK_THROWS_AS(grad([](array x) { return x; })(ones({2})), std::invalid_argument);
}

TEST_CASE("api: vmap") {
  auto one = [](array x) { return sum(x); };
  CHECK(is_equal(vmap(one)(ones({3, 2})), full({3}, 2.0f)));
  CHECK(is_equal(vmap(one, 1)(ones({3, 2})), full({2}, 3.0f)));
  CHECK(vmap([](array x) { return x + 1; }, 0, 1)(ones({3, 2})).shape() == Shape{2, 3});
  auto two = [](array x, array y) { return x * y; };
  CHECK(vmap(two)(ones({3, 2}), ones({3, 2})).shape() == Shape{3, 2});
  CHECK(vmap(two, 0, -1)(ones({3, 2}), ones({2})).shape() == Shape{3, 2});
  CHECK(vmap(two, 1, 0, 1)(ones({2, 3}), ones({3, 2})).shape() == Shape{2, 3});
  auto list = [](const std::vector<array>& x) { return std::vector<array>{x[0] + x[1]}; };
  CHECK(vmap(list)({ones({3}), ones({3})})[0].shape() == Shape{3});
  CHECK(vmap(list, {0, -1})({ones({3}), ones({2})})[0].shape() == Shape{3, 2});
  CHECK(vmap(list, {0, 0}, {1})({ones({3, 2}), ones({3, 2})})[0].shape() == Shape{2, 3});
}

TEST_CASE("api: vmap refuses axes that name nothing") {
  auto list = [](const std::vector<array>& x) { return std::vector<array>{x[0]}; };
  auto refuses = [&](std::vector<int> in, std::vector<int> out, std::vector<array> inputs) {
    CHECK_THROWS_AS(vmap(list, in, out)(inputs), std::invalid_argument);
  };
  refuses({0, 0}, {}, {ones({3})});
  refuses({0}, {}, {ones({3}), ones({3})});
  refuses({-1}, {}, {ones({3})});
  refuses({1}, {}, {ones({3})});
  refuses({-2}, {}, {ones({3})});
  refuses({0}, {0, 0}, {ones({3})});
  refuses({0}, {1}, {ones({3})});
  refuses({0, 0}, {}, {ones({3}), ones({2})});
  refuses({0}, {}, {array(1.0f)});
  auto nothing = [](const std::vector<array>&) { return std::vector<array>{}; };
  CHECK_THROWS_AS(vmap(nothing, {}, {})({}), std::invalid_argument);
  CHECK_THROWS_AS(vmap(nothing, {}, {0})({ones({3})}), std::invalid_argument);
}

TEST_CASE("api: rules of one's own, checkpoints") {
  auto fun = [](const std::vector<array>& x) { return std::vector<array>{x[0] * x[0]}; };
  auto rule = [](const std::vector<array>&, const std::vector<array>& cotangents,
                 const std::vector<array>&) { return std::vector<array>{cotangents[0] * 5.0f}; };
  auto only = custom_vjp(fun, rule);
  CHECK(vjp(only, {array(1.0f)}, {array(1.0f)}).second[0].item<float>() == 5);
  auto custom = custom_function(
      fun, rule,
      [](const std::vector<array>&, const std::vector<array>& tangents, const std::vector<int>&) {
        return std::vector<array>{tangents[0] * 7.0f};
      },
      [](const std::vector<array>& inputs, const std::vector<int>& axes) {
        return std::make_pair(std::vector<array>{inputs[0] + 1.0f}, axes);
      });
  CHECK(jvp(custom, {array(1.0f)}, {array(1.0f)}).second[0].item<float>() == 7);
  CHECK(is_equal(vmap(custom)({ones({2})})[0], full({2}, 2.0f)));
  CHECK(custom_function(fun)({array(3.0f)})[0].item<float>() == 9);
  auto sparing = checkpoint(fun);
  CHECK(vjp(sparing, {array(3.0f)}, {array(1.0f)}).second[0].item<float>() == 6);
}

std::vector<array> doubled(const std::vector<array>& x) { return {x[0] * 2.0f}; }

TEST_CASE("api: compile takes functions, lambdas and std::function") {
  CHECK(compile(doubled)({array(2.0f)})[0].item<float>() == 4);
  CHECK(compile([](const std::vector<array>& x) { return std::vector<array>{x[0] + 1.0f}; })(
            {array(2.0f)})[0]
            .item<float>() == 3);
  float captured = 3;
  std::function<std::vector<array>(std::vector<array>)> kept = [captured](std::vector<array> x) {
    return std::vector<array>{x[0] * captured};
  };
  CHECK(compile(kept)({array(2.0f)})[0].item<float>() == 6);
  auto shapeless = compile(doubled, /* shapeless */ true);
  CHECK(shapeless({ones({2})})[0].shape() == Shape{2});
  CHECK(shapeless({ones({3, 2})})[0].shape() == Shape{3, 2});
  disable_compile();
  CHECK(compile(doubled)({array(2.0f)})[0].item<float>() == 4);
  enable_compile();
  set_compile_mode(CompileMode::no_fuse);
  CHECK(compile(doubled)({array(2.0f)})[0].item<float>() == 4);
  set_compile_mode(CompileMode::enabled);
}

TEST_CASE("api: eval and async_eval take arrays and lists") {
  array a = ones({2}) + 1, b = ones({2}) * 3;
  eval(a, b);
  CHECK(a.status() == array::Status::available);
  array c = a + b, d = a * b;
  async_eval(c, d);
  c.wait();
  eval({c, d});
  eval(std::vector<array>{d});
  async_eval({a + 1});
  CHECK(d.data<float>()[0] == 6);
}
