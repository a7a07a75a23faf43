#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "mlx/errors.h"
#include "mlx/ops.h"
#include "mlx/random.h"
#include "mlx/transforms.h"
#include "runtime/caching_allocator.h"

using namespace mlx::core;
using allocator::caching_allocator;

namespace {

using Arrays = std::vector<array>;
using Loss = std::function<array(const Arrays& parameters)>;

/// A training step with Adam, computed from numbers alone, so that every run does the same.
struct Training {
  Arrays parameters;
  Loss loss;

  /// What is left after two steps.
  Arrays run() const {
    Arrays p = parameters, m, v;
    for (auto& one : p) {
      m.push_back(zeros_like(one));
      v.push_back(zeros_like(one));
    }
    std::vector<int> argnums;
    for (size_t i = 0; i < p.size(); ++i) argnums.push_back(int(i));
    auto step = value_and_grad(loss, argnums);
    for (int t = 0; t < 2; ++t) {
      auto [value, gradients] = step(p);
      for (size_t i = 0; i < p.size(); ++i) {
        m[i] = add(multiply(array(0.9f), m[i]), multiply(array(0.1f), gradients[i]));
        v[i] = add(multiply(array(0.99f), v[i]), multiply(array(0.01f), square(gradients[i])));
        p[i] = subtract(p[i], divide(multiply(array(0.01f), m[i]), add(sqrt(v[i]), array(1e-8f))));
      }
      Arrays all = p;
      all.insert(all.end(), m.begin(), m.end());
      all.insert(all.end(), v.begin(), v.end());
      all.push_back(value);
      eval(all);
      if (t == 1) return all;
    }
    return {};
  }
};

array numbers(Shape shape, int seed) {
  return random::normal(std::move(shape), float32, 0, 1, random::key(uint64_t(seed)));
}

Training mlp() {
  array x = numbers({16, 12}, 1), y = numbers({16, 3}, 2);
  Arrays parameters{numbers({12, 20}, 3), zeros({20}), numbers({20, 3}, 4), zeros({3})};
  eval(parameters);
  eval(x, y);
  return {parameters, [=](const Arrays& p) {
            array hidden = maximum(addmm(p[1], x, p[0]), array(0.0f));
            return mean(square(subtract(addmm(p[3], hidden, p[2]), y)));
          }};
}

Training convolution_and_norm() {
  array x = numbers({2, 8, 8, 3}, 1);
  Arrays parameters{numbers({4, 3, 3, 3}, 2), ones({4}), zeros({4})};
  eval(parameters);
  eval(x);
  return {parameters, [=](const Arrays& p) {
            array y = conv2d(x, p[0], {1, 1}, {1, 1});
            array centred = subtract(y, mean(y, std::vector<int>{0, 1, 2}, true));
            array scale = rsqrt(add(var(y, std::vector<int>{0, 1, 2}, true), array(1e-5f)));
            return mean(square(add(multiply(multiply(centred, scale), p[1]), p[2])));
          }};
}

void check_equal(const Arrays& got, const Arrays& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    REQUIRE(got[i].nbytes() == expected[i].nbytes());
    CHECK(std::memcmp(got[i].data<char>(), expected[i].data<char>(), got[i].nbytes()) == 0);
  }
}

/// Fails each allocation in turn, until a run needs fewer.
void fail_every_allocation(const Training& training) {
  const Arrays expected = training.run();
  for (int64_t number = 1;; ++number) {
    CAPTURE(number);
    caching_allocator().fail_allocation(number);
    bool failed = false;
    try {
      check_equal(training.run(), expected);
    } catch (const EngineError& error) {
      failed = true;
      const std::string message = error.what();
      CHECK(message.find("Out of memory") != std::string::npos);
      CHECK(message.find("setMemoryLimit") != std::string::npos);
    }
    const bool was_reached = caching_allocator().allocations_until_failure() <= 0;
    caching_allocator().fail_allocation(0);
    REQUIRE(failed == was_reached);
    if (!was_reached) {
      CHECK(number > 20);
      return;
    }
    check_equal(training.run(), expected);
  }
}

}  // namespace

TEST_CASE("each allocation of a training step may fail: an error, and right results after it") {
  SUBCASE("dense layers") { fail_every_allocation(mlp()); }
  SUBCASE("convolution and normalisation") { fail_every_allocation(convolution_and_norm()); }
}

TEST_CASE("an allocation that fails leaves nothing in use behind") {
  const Training training = mlp();
  training.run();
  const size_t before = caching_allocator().active_memory();
  for (int64_t number = 1; number < 30; ++number) {
    caching_allocator().fail_allocation(number);
    CHECK_THROWS_AS(training.run(), EngineError);
  }
  caching_allocator().fail_allocation(0);
  CHECK(caching_allocator().active_memory() <= before + (1 << 16));
}
