#include <doctest/doctest.h>

#include "gpu_comparison.h"
#include "gpu_test_device.h"
#include "gpu_test_values.h"

// Whole operations on the test device against the CPU: views, dtypes, empty arrays, and what the
// kinds do before and after their kernels.
namespace mlx::core::gpu {
namespace {

bool runs_here() { return test_device() && tests_are_thorough(); }

using Values = std::vector<array>;

const Dtype dtypes[] = {bool_,  uint8, int8,    uint16,   int16,   uint32,   int32,
                        uint64, int64, float16, bfloat16, float32, complex64};

}  // namespace

TEST_CASE("gpu operation: creation and joining") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : dtypes) {
    auto name = name_of(dtype);
    array x = some_values({3, 4}, dtype, 1), y = some_values({2, 4}, dtype, 2);
    check_on_both(name, {x, y}, [&](auto& in) {
      return std::vector<array>{eye(5, 4, -1, dtype),
                                full({2, 3}, slice(in[0], {1, 2}, {2, 3})),
                                concatenate({in[0], in[1], slice(in[0], {0, 0}, {0, 4})}, 0),
                                concatenate({transpose(in[0]), transpose(in[1])}, 1),
                                stack({in[0], flip(in[0], 1)}, 1),
                                tile(in[1], {2, 3}),
                                pad(transpose(in[0]), {{1, 2}, {0, 1}}, astype(array(3), dtype))};
    });
    if (dtype != bool_)
      check_on_both(name, {}, [&](auto&) { return std::vector<array>{arange(3, 40, 5, dtype)}; });
  }
  check_on_both("sizes", {}, [](auto&) {
    return std::vector<array>{eye(3, 5, 7, float32), eye(0, 3, 0, int32), zeros({0, 4}),
                              linspace(0, 1, 7), arange(0)};
  });
}

TEST_CASE("gpu operation: slices that are written and computed") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {int8, float16, float32, complex64}) {
    array x = some_values({5, 6}, dtype, 3), y = some_values({2, 3}, dtype, 4);
    array start = array({1, 2}, int32), far = array({-1, 100}, int32);
    check_on_both(name_of(dtype), {x, y, start}, [&](auto& in) {
      return std::vector<array>{
          slice_update(in[0], in[1], {1, 0}, {5, 6}, {2, 2}),
          slice_update(in[0] + in[0], in[1], {4, 5}, {0, 0}, {-2, -2}),
          slice_update(in[0], flip(in[0]), {0, 0}, {5, 6}),
          slice_update(in[0], slice(in[1], {0, 0}, {0, 3}), {1, 1}, {1, 4}),
          slice(in[0], in[2], {0, 1}, {2, 3}),
          slice(in[0] + in[0], negative(in[2]) - 1, {1, 0}, {3, 2}),
          slice_update(in[0], in[1], in[2], {0, 1}),
          slice_update(transpose(in[0]), transpose(in[1]), negative(in[2]) - 2, {1, 0})};
    });
    // Clamped where the CPU throws.
    array last = slice(x, far, {0, 1}, {1, 2}), moved = slice_update(x, y, far, {0, 1});
    mlx::core::Device cpu = mlx::core::Device::cpu;
    if (!test_device_computes()) continue;
    CHECK(array_equal(last, slice(x, {4, 4}, {5, 6}, cpu), cpu).item<bool>());
    CHECK(array_equal(moved, slice_update(x, y, {3, 3}, {5, 6}, cpu), cpu).item<bool>());
  }
}

TEST_CASE("gpu operation: reductions") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : dtypes) {
    array x = some_values({4, 3, 70}, dtype, 5);
    for (auto& view :
         {x, transpose(x, {2, 0, 1}, mlx::core::Device::cpu), flip(x, 2, mlx::core::Device::cpu)}) {
      bool is_complex = dtype == complex64;
      bool is_inexact = issubdtype(dtype, inexact);
      check_on_both(name_of(dtype), {view}, [&](auto& in) {
        std::vector<array> results = {all(in[0], 1), any(in[0], {0, 2}, true),
                                      all(slice(in[0], {0, 0, 0}, {0, 3, 4}))};
        if (is_complex) return results;
        for (auto& more : {max(in[0], 0), min(in[0], {0, 1}), max(in[0]), argmax(in[0], 1),
                           argmin(in[0], 2, true), argmax(in[0])})
          results.push_back(more);
        return results;
      });
      check_on_both(
          name_of(dtype), {view},
          [&](auto& in) {
            return std::vector<array>{sum(in[0], 0), sum(in[0], {1, 2}, true), sum(in[0]),
                                      prod(slice(in[0], {0, 0, 0}, {2, 2, 2})),
                                      sum(slice(in[0], {0, 0, 0}, {0, 3, 3}), 0)};
          },
          is_inexact ? 4 : 0);
    }
  }
  array x = some_values({40, 30}, float16, 6);
  check_on_both(
      "means and variances", {x},
      [](auto& in) {
        return std::vector<array>{mean(in[0], 1), var(in[0], 0, true), std(in[0]),
                                  softmax(astype(in[0], float32), 0)};
      },
      4);
}

TEST_CASE("gpu operation: softmax and logsumexp") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {float16, bfloat16, float32}) {
    for (int n : {1, 7, 64, 1000, 20000}) {
      array x = some_values({3, n}, dtype, unsigned(n));
      check_on_both(
          name_of(dtype) + " of " + std::to_string(n), {x},
          [](auto& in) {
            return std::vector<array>{softmax(in[0], -1),           softmax(in[0] + in[0], -1),
                                      softmax(transpose(in[0]), 0), softmax(in[0], 0),
                                      logsumexp(in[0], -1),         logsumexp(in[0])};
          },
          4);
    }
  }
  array rows = array({1.f, INFINITY, 2.f, -INFINITY, -INFINITY, -INFINITY, 1.f, NAN, 2.f}, {3, 3});
  auto sums = [](auto& in) { return std::vector<array>{logsumexp(in[0], 1), logsumexp(in[0], 0)}; };
  check_on_both("rows that are not finite", {rows}, sums, 4);
  auto gradient = [](auto& in) {
    return vjp([](const Values& x) { return std::vector<array>{logsumexp(x[0], 1)}; }, {in[0]},
               {some_values({3}, float32, 1)})
        .second;
  };
  check_on_both("the gradient", {some_values({3, 5}, float32, 7)}, gradient, 8);
}

TEST_CASE("gpu operation: random numbers are the CPU's") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  array key = random::key(7);
  check_on_both("bits", {key}, [](auto& in) {
    return std::vector<array>{random::bits({3, 5}, 4, in[0]),
                              random::bits({7}, 1, in[0]),
                              random::bits({2, 3}, 2, in[0]),
                              random::split(in[0], 5),
                              random::bits({4}, 4, random::split(in[0]).second),
                              random::uniform({30}, in[0]),
                              random::uniform({30}, bfloat16, in[0]),
                              random::randint(-5, 90, {40}, int32, in[0]),
                              random::bernoulli(0.3f, {50}, in[0]),
                              random::bits({0}, 4, in[0])};
  });
  check_on_both(
      "distributions", {key},
      [](auto& in) {
        return std::vector<array>{
            random::normal({200}, in[0]), random::gumbel({50}, float32, in[0]),
            random::laplace({50}, in[0]),
            random::truncated_normal(array(-1.f), array(2.f), {50}, float32, in[0])};
      },
      4);
}

TEST_CASE("gpu operation: gathers and scatters") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : dtypes) {
    array x = some_values({6, 5, 4}, dtype, 8), y = some_values({3, 1, 5, 4}, dtype, 9);
    array index = array({4, -6, 2}, int32), other = array({1, 3, 3}, {3}, uint8);
    check_on_both(name_of(dtype), {x, y, index, other}, [&](auto& in) {
      const array &a = in[0], &b = in[1], &i = in[2], &k = in[3];
      array along = reshape(astype(k, int32) - 2, {3, 1, 1});
      return std::vector<array>{
          take(a, i, 0),
          take(transpose(a), k, 1),
          take(a, 3, 1),
          gather(a, {i, k}, {0, 1}, {1, 1, 4}),
          gather(a, i, 0, {1, 2, 3}),
          take_along_axis(a, along, 0),
          put_along_axis(a, broadcast_to(along, {3, 5, 4}) * 2, array(1, dtype), 0),
          scatter(a, i, b, 0),
          scatter(flip(a, 0), i, b, 0),
          scatter(a, {i, k}, slice(b, {0, 0, 0, 0}, {3, 1, 1, 4}), {0, 1}),
          scatter(a, slice(i, {0}, {0}), slice(b, {0, 0, 0, 0}, {0, 1, 5, 4}), 0)};
    });
    if (dtype == complex64) continue;
    check_on_both(name_of(dtype) + ", extremes", {x, y, other}, [&](auto& in) {
      return std::vector<array>{scatter_max(in[0], in[2], in[1], 0),
                                scatter_min(in[0], in[2], in[1], 0)};
    });
  }
  for (auto dtype : {int32, uint8, float16, float32, complex64}) {
    array x = some_values({6, 5}, dtype, 10), y = some_values({3, 1, 5}, dtype, 11);
    auto sums = [](auto& in) {
      array twice = expand_dims(astype(in[1], int32), 1);
      return std::vector<array>{
          scatter_add(in[0], in[1], in[2], 0), scatter_prod(in[0], in[1], in[2], 0),
          scatter_add_axis(in[0], broadcast_to(twice, {3, 5}), squeeze(in[2], 1), 0)};
    };
    check_on_both(name_of(dtype), {x, array({1, 3, 3}, {3}, uint8), y}, sums,
                  issubdtype(dtype, inexact) ? 8 : 0);
  }
}

TEST_CASE("gpu operation: products") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {int16, float16, bfloat16, float32, complex64}) {
    array a = some_values({2, 3, 17, 9}, dtype, 12), b = some_values({2, 3, 9, 20}, dtype, 13);
    array c = some_values({20}, dtype, 14);
    auto products = [](auto& in) {
      const array &a = in[0], &b = in[1];
      return std::vector<array>{
          matmul(a, b),
          matmul(transpose(b, {0, 1, 3, 2}), transpose(a, {0, 1, 3, 2})),
          matmul(slice(a, {0, 0, 0, 0}, {2, 1, 17, 9}), b),
          matmul(slice(a, {1, 2, 0, 0}, {2, 3, 17, 9}),
                 slice(b, {0, 0, 0, 0}, {2, 3, 9, 20}, {1, 2, 1, 2})),
          matmul(flip(a, 3), flip(b, 2)),
          matmul(slice(a, {0, 0, 0, 0}, {2, 3, 17, 0}), slice(b, {0, 0, 0, 0}, {2, 3, 0, 20})),
          addmm(in[2], a, b),
          addmm(in[2], a, b, 0.5f, 2.f)};
    };
    if (issubdtype(dtype, inexact))
      // Units of the largest result, which is about half of the largest sum of magnitudes.
      check_on_both(name_of(dtype), {a, b, c}, products, 8);
    else
      check_on_both(name_of(dtype), {a, b},
                    [](auto& in) { return std::vector<array>{matmul(in[0], in[1])}; });
  }
}

TEST_CASE("gpu operation: convolutions and their gradients") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  for (auto dtype : {float16, float32}) {
    array x = some_values({2, 9, 8, 4}, dtype, 15), w = some_values({6, 3, 2, 2}, dtype, 16);
    auto convolutions = [](auto& in) {
      auto grouped = [](const Values& y) {
        return std::vector<array>{
            conv_general(y[0], y[1], {2, 1}, {1, 0}, {0, 2}, {1, 2}, {1, 1}, 2, true)};
      };
      auto [results, slopes] = vjp(grouped, {in[0], in[1]}, {ones({2, 4, 8, 6}, in[0].dtype())});
      array line = reshape(slice(in[0], {0, 0, 0, 0}, {2, 9, 8, 2}), {2, 72, 2});
      results.push_back(conv1d(
          line, slice(squeeze(slice(in[1], {0, 0, 0, 0}, {6, 3, 1, 2}), 2), {0, 0, 0}, {6, 3, 2}),
          2, 1));
      results.push_back(conv_transpose2d(slice(in[0], {0, 0, 0, 0}, {2, 9, 8, 2}), in[1], {2, 1}));
      results.insert(results.end(), slopes.begin(), slopes.end());
      return results;
    };
    check_on_both(name_of(dtype), {x, w}, convolutions, 16);
  }
}

TEST_CASE("gpu operation: a convolutional network learns as on the CPU") {
  if (!runs_here()) return;
  OnTestDevice on_device;
  array x = some_values({4, 8, 8, 1}, float32, 17), labels = array({3, 0, 2, 1}, int32);
  std::vector<array> inputs = {x,
                               labels,
                               some_values({6, 3, 3, 1}, float32, 18),
                               some_values({6}, float32, 19),
                               some_values({96, 4}, float32, 20),
                               some_values({4}, float32, 21)};
  auto train = [](const std::vector<array>& in) {
    std::vector<array> parameters(in.begin() + 2, in.end()), moments, squares;
    for (auto& p : parameters) {
      moments.push_back(zeros_like(p));
      squares.push_back(zeros_like(p));
    }
    auto loss = [&](const std::vector<array>& p) {
      array h = maximum(conv2d(in[0], p[0], {1, 1}, {1, 1}) + p[1], array(0.f));
      h = max(reshape(h, {4, 4, 2, 4, 2, 6}), {2, 4});
      array scores = addmm(p[3], reshape(h, {4, 96}), p[2] * 0.05f);
      array own = squeeze(take_along_axis(scores, expand_dims(in[1], 1), 1), 1);
      return mean(logsumexp(scores, 1) - own);
    };
    std::vector<array> losses;
    for (int step = 0; step < 2; ++step) {
      auto [value, slopes] = value_and_grad([&](const std::vector<array>& p) { return loss(p); },
                                            {0, 1, 2, 3})(parameters);
      losses.push_back(value);
      for (size_t i = 0; i < parameters.size(); ++i) {
        moments[i] = 0.9f * moments[i] + 0.1f * slopes[i];
        squares[i] = 0.999f * squares[i] + 0.001f * square(slopes[i]);
        parameters[i] = parameters[i] - 0.01f * moments[i] / (sqrt(squares[i]) + 1e-4f);
      }
    }
    losses.insert(losses.end(), parameters.begin(), parameters.end());
    return losses;
  };
  check_on_both("two steps", inputs, train, 200);
}

}  // namespace mlx::core::gpu
