#include <doctest/doctest.h>

#include "derivative_checks.h"
#include "evaluation/fusion.h"
#include "mlx/compile_impl.h"
#include "mlx/mlx.h"
#include "mlx/transforms_impl.h"
#include "primitives/elementwise.h"
#include "primitives/join.h"
#include "primitives/matmul.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Arrays = std::vector<array>;

/// A function that counts its calls.
struct Counted {
  std::shared_ptr<int> calls = std::make_shared<int>(0);
  VectorFunction fun;

  explicit Counted(VectorFunction body)
      : fun([calls = calls, body = std::move(body)](const Arrays& x) {
          ++*calls;
          return body(x);
        }) {}
};

Arrays mixed(const Arrays& x) {
  array y = tanh(x[0] * x[1] + array(0.5));
  array z = matmul(y, transpose(y));
  return {softmax(z, -1), sum(y * y), x[1]};
}

}  // namespace

TEST_CASE("a compiled function gives the same to the bit and is called once for each shape") {
  Counted counted(mixed);
  auto compiled = compile(counted.fun);
  for (int n : {5, 8, 5, 8}) {
    Arrays inputs = {random_array({n, 300}, 1), random_array({300}, 2)};
    auto expected = mixed(inputs), got = compiled(inputs);
    REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); ++i)
      CHECK(array_equal(got[i], expected[i], true).item<bool>());
  }
  CHECK(*counted.calls == 2);
  compiled({random_array({5, 300}, 1, -1, 1, float32), random_array({300}, 2, -1, 1, float32)});
  CHECK(*counted.calls == 3);
}

TEST_CASE("tracing evaluates nothing, and a call of a compiled function is one node") {
  auto compiled = compile([](const Arrays& x) { return Arrays{exp(x[0]) + exp(x[0])}; });
  array x = add(ones({4}), ones({4}));
  array y = compiled({x})[0];
  CHECK(x.status() == array::unscheduled);
  CHECK(y.status() == array::unscheduled);
  CHECK(std::string(y.primitive().name()) == "Compiled");
  CHECK(y.inputs().size() == 1);
}

TEST_CASE("constants are computed once, and captured arrays are constants") {
  array captured = random_array({3}, 4);
  auto compiled = compile(VectorFunction([&](const Arrays& x) {
    array table = exp(arange(3.0)) * captured;
    return Arrays{x[0] + table, table};
  }));
  array x = random_array({3}, 5);
  auto first = compiled({x}), second = compiled({x});
  eval(first);
  eval(second);
  CHECK(array_equal(first[0], second[0]).item<bool>());
  CHECK(first[1].data<double>() == second[1].data<double>());
  // A change of the variable doesn't reach the trace.
  captured = zeros({3}, float64);
  CHECK(array_equal(compiled({x})[0], first[0]).item<bool>());
}

TEST_CASE("looking at values while traced is an error that says so") {
  auto peeking = compile(
      [](const Arrays& x) { return Arrays{sum(x[0]).item<float>() > 0 ? x[0] : negative(x[0])}; });
  CHECK_THROWS_WITH_AS(peeking({ones({2})}), doctest::Contains("traced by vmap or compile"),
                       std::invalid_argument);
  // The failure leaves no trace open.
  CHECK(!detail::in_tracing());
}

TEST_CASE("compiled functions differentiate, vectorise and nest") {
  auto body = [](const Arrays& x) { return Arrays{sum(sin(x[0]) * exp(x[0] * x[0]))}; };
  auto compiled = compile(body);
  auto plain = [&](const array& x) { return body({x})[0]; };
  auto fast = [&](const array& x) { return compiled({x})[0]; };
  array x = random_array({4}, 6);
  CHECK(distance(grad(ScalarFunction(fast))(x), grad(ScalarFunction(plain))(x)) < 1e-12);
  auto twice = compile(
      VectorFunction([&](const Arrays& y) { return Arrays{compiled(y)[0] * compiled(y)[0]}; }));
  CHECK(twice({x})[0].item<double>() == doctest::Approx(std::pow(plain(x).item<double>(), 2)));
  auto compiled_gradient = compile(
      VectorFunction([&](const Arrays& y) { return Arrays{grad(ScalarFunction(fast))(y[0])}; }));
  CHECK(distance(compiled_gradient({x})[0], grad(ScalarFunction(plain))(x)) < 1e-12);
  array rows = random_array({3, 4}, 7);
  check_vmap([&](const Arrays& y) { return fast(y[0]); }, {rows}, {0});
  check_derivatives([&](const Arrays& y) { return compiled_gradient(y)[0]; }, {x});
}

TEST_CASE("a compiled function that captures what is differentiated passes the gradient on") {
  auto f = [](const array& x) {
    auto inner = compile(VectorFunction([&](const Arrays& y) { return Arrays{y[0] * x}; }));
    return sum(inner({array({2.0f, 3.0f})})[0]);
  };
  CHECK(array_equal(grad(ScalarFunction(f))(ones({2})), array({2.0f, 3.0f})).item<bool>());
}

TEST_CASE("shapeless traces serve other sizes") {
  Counted counted([](const Arrays& x) {
    array centred = x[0] - mean(x[0], 1, true);
    return Arrays{centred * x[1], flatten(x[0]), sum(x[0], 0)};
  });
  auto compiled = compile(counted.fun, true);
  for (int n : {3, 5, 9, 17, 2}) {
    Arrays inputs = {random_array({n, n + 2}, 1), random_array({n + 2}, 2)};
    auto got = compiled(inputs);
    int calls = *counted.calls;
    auto expected = counted.fun(inputs);
    *counted.calls = calls;
    for (size_t i = 0; i < got.size(); ++i) {
      REQUIRE(got[i].shape() == expected[i].shape());
      CHECK(array_equal(got[i], expected[i]).item<bool>());
    }
  }
  // The second sizes proved that the trace holds for others.
  CHECK(*counted.calls == 2);
}

TEST_CASE("shapeless traces into which sizes flowed are never stale") {
  Counted counted([](const Arrays& x) {
    return Arrays{x[0] * array(double(x[0].shape(0))), slice(x[0], {1}, {x[0].shape(0)}),
                  x[0] + zeros(x[0].shape(), float64)};
  });
  auto compiled = compile(counted.fun, true);
  for (int n : {3, 5, 9, 5, 3, 9}) {
    array x = random_array({n}, 1);
    auto got = compiled({x});
    CHECK(array_equal(got[0], x * array(double(n))).item<bool>());
    CHECK(got[1].shape() == Shape{n - 1});
    CHECK(got[2].shape() == Shape{n});
  }
  CHECK(*counted.calls == 3);
}

TEST_CASE("gradients inside shapeless traces") {
  auto compiled =
      compile(VectorFunction([](const Arrays& x) {
                return Arrays{grad([](const array& y) { return sum(square(y - mean(y))); })(x[0])};
              }),
              true);
  for (int n : {3, 5, 9}) {
    array x = random_array({n}, 1);
    CHECK(distance(compiled({x})[0], array(2.0) * (x - mean(x))) < 1e-12);
  }
}

TEST_CASE("traces are bounded, and forgotten with their function") {
  size_t before = detail::compile_cache_size();
  {
    auto compiled = compile([](const Arrays& x) { return Arrays{x[0] + array(1.0f)}; });
    for (int n = 1; n <= 3000; ++n) compiled({zeros({n})});
    CHECK(detail::compile_cache_size() == 1024);
    CHECK(compiled({zeros({1})})[0].item<float>() == 1.0f);
  }
  CHECK(detail::compile_cache_size() <= before);
}

TEST_CASE("nodes of a kind are alike when all their parameters are, a factor by its sign too") {
  Stream s = default_stream(Device::cpu);
  AddMM node(s, 0.0f, 2.0f);
  CHECK(node.is_equivalent(AddMM(s, 0.0f, 2.0f)));
  CHECK_FALSE(node.is_equivalent(AddMM(s, 0.0f, 3.0f)));
  CHECK_FALSE(node.is_equivalent(AddMM(s, -0.0f, 2.0f)));
  CHECK(Split(s, {1, 3}, 0).is_equivalent(Split(s, {1, 3}, 0)));
  CHECK_FALSE(Split(s, {1, 3}, 0).is_equivalent(Split(s, {1, 2}, 0)));
  CHECK_FALSE(AsType(s, int32).is_equivalent(AsType(s, float32)));
  CHECK(Matmul(s).is_equivalent(Matmul(s)));
}

TEST_CASE("modes give the same") {
  Arrays inputs = {random_array({4, 30}, 1), random_array({30}, 2)};
  auto expected = mixed(inputs);
  Counted counted(mixed);
  auto compiled = compile(counted.fun);
  for (auto mode : {CompileMode::no_simplify, CompileMode::no_fuse, CompileMode::disabled,
                    CompileMode::disabled, CompileMode::enabled}) {
    set_compile_mode(mode);
    auto got = compiled(inputs);
    for (size_t i = 0; i < got.size(); ++i) CHECK(array_equal(got[i], expected[i]).item<bool>());
  }
  CHECK(*counted.calls == 5);
  disable_compile();
  compiled(inputs);
  enable_compile();
  compiled(inputs);
  CHECK(*counted.calls == 6);
}

TEST_CASE("arguments whose last holder is the call are overwritten, others never") {
  auto compiled = compile([](const Arrays& x) { return Arrays{x[0] * array(2.0f)}; });
  array kept = add(zeros({1 << 20}), ones({1 << 20}));
  eval(kept);
  array doubled = compiled({kept})[0];
  eval(doubled);
  CHECK(max(kept).item<float>() == 1.0f);
  const void* buffer = doubled.data<void>();
  array again = compiled({doubled})[0];
  doubled = array(0.0f);
  eval(again);
  CHECK(again.data<void>() == buffer);
  CHECK(min(again).item<float>() == 4.0f);
}

TEST_CASE("a call takes and gives hundreds of arrays, again and again") {
  auto step = compile([](const Arrays& x) {
    Arrays results;
    for (auto& a : x) results.push_back(a + array(1.0f));
    return results;
  });
  Arrays state(300, zeros({2}));
  for (int i = 0; i < 4; ++i) {
    state = step(state);
    eval(state);
  }
  for (auto& a : state) CHECK(sum(a).item<float>() == 8);
}

TEST_CASE("an error inside a compiled function leaves its arguments whole") {
  auto compiled =
      compile([](const Arrays& x) { return Arrays{take(exp(x[0]), astype(x[1], int32), 0)}; });
  array x = ones({4});
  array bad = compiled({x, array({9.0f})})[0];
  CHECK_THROWS_AS(bad.eval(), EngineError);
  CHECK_THROWS_AS(bad.eval(), EngineError);
  CHECK(compiled({x, array({2.0f})})[0].item<float>() == doctest::Approx(std::exp(1.0)));
}

TEST_CASE("random numbers move on when their state goes in and out") {
  auto draw = [](const Arrays& x) {
    auto& sequence = random::KeySequence::default_();
    array before = sequence.state();
    sequence.set_state(x[0]);
    array numbers = random::uniform({3});
    array state = sequence.state();
    sequence.set_state(before);
    return Arrays{numbers, state};
  };
  auto compiled = compile(draw);
  Arrays a = draw({random::key(3)}), b = draw({a[1]});
  Arrays c = compiled({random::key(3)}), d = compiled({c[1]});
  CHECK(array_equal(a[0], c[0]).item<bool>());
  CHECK(array_equal(b[0], d[0]).item<bool>());
}
