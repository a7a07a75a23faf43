#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "mlx/fast.h"
#include "mlx/ops.h"
#include "mlx/random.h"
#include "mlx/transforms.h"

// Small trainings, for tests that let something fail in each of their steps.

namespace training_step {

using namespace mlx::core;

using Arrays = std::vector<array>;
using Loss = std::function<array(const Arrays& parameters)>;

inline void evaluate(const Arrays& arrays) { eval(arrays); }
inline void evaluate_asynchronously(const Arrays& arrays) {
  async_eval(arrays);
  for (array a : arrays) a.wait();
}

/// A training step with Adam, computed from numbers alone, so that every run does the same.
struct Training {
  Arrays parameters;
  Loss loss;

  /// What is left after two steps.
  Arrays run(void (*evaluate)(const Arrays&) = training_step::evaluate) const {
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
      evaluate(all);
      if (t == 1) return all;
    }
    return {};
  }
};

inline array numbers(Shape shape, int seed) {
  return random::normal(std::move(shape), float32, 0, 1, random::key(uint64_t(seed)));
}

inline Training mlp() {
  array x = numbers({16, 12}, 1), y = numbers({16, 3}, 2);
  Arrays parameters{numbers({12, 20}, 3), zeros({20}), numbers({20, 3}, 4), zeros({3})};
  eval(parameters);
  eval(x, y);
  return {parameters, [=](const Arrays& p) {
            array hidden = maximum(addmm(p[1], x, p[0]), array(0.0f));
            return mean(square(subtract(addmm(p[3], hidden, p[2]), y)));
          }};
}

inline Training convolution_and_norm() {
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

/// Primitives of several outputs, forward and in the gradient; of one so many that their list is
/// larger than what is kept of freed memory.
inline Training split_layer_norm() {
  array x = numbers({10, 8}, 1);
  Arrays parameters{numbers({8, 8}, 2), ones({8}), zeros({8})};
  eval(parameters);
  eval(x);
  return {parameters, [=](const Arrays& p) {
            auto parts = split(flatten(fast::layer_norm(matmul(x, p[0]), p[1], p[2], 1e-5f)), 80);
            return mean(square(multiply(parts[0], parts[79])));
          }};
}

inline void check_equal(const Arrays& got, const Arrays& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    REQUIRE(got[i].nbytes() == expected[i].nbytes());
    CHECK(std::memcmp(got[i].data<char>(), expected[i].data<char>(), got[i].nbytes()) == 0);
  }
}

}  // namespace training_step
