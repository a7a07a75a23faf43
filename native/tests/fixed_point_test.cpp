// Products of one row with a matrix of 4-bit codes, which are done in fixed point where processors
// multiply bytes and numbers allow it, and in float32 elsewhere.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "derivative_checks.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

struct FourBits {
  int group_size;
  array codes, scales, biases;

  FourBits(int group_size, const array& w)
      : group_size(group_size), codes(array(0)), scales(array(0)), biases(array(0)) {
    auto parts = quantize(w, group_size, 4);
    codes = parts[0], scales = parts[1], biases = parts[2];
  }
  array numbers() const {
    return dequantize(codes, scales, biases, group_size, 4, "affine", {}, float32);
  }
  array product(const array& x) const {
    return quantized_matmul(x, codes, scales, biases, true, group_size, 4);
  }
};

/// The largest error of x @ w^T in units of what its terms' roundings may add up to: for each group
/// the largest number times the sum of the codes' sizes.
double largest_error(const FourBits& w, const array& x) {
  const auto numbers = values(w.numbers()), vector = values(x), results = values(w.product(x));
  const auto scales = values(w.scales), biases = values(w.biases);
  const size_t columns = vector.size(), group = size_t(w.group_size);
  double largest = 0;
  for (size_t row = 0; row < results.size(); ++row) {
    double sum = 0, size = 1e-300;
    for (size_t begin = 0; begin < columns; begin += group) {
      const size_t g = (row * columns + begin) / group;
      double most = 0, codes = 0;
      for (size_t i = begin; i < begin + group; ++i) {
        const double number = numbers[row * columns + i];
        sum += number * vector[i];
        most = std::max(most, std::abs(vector[i]));
        codes += std::abs(number) + 2 * std::abs(biases[g]) + std::abs(scales[g]);
      }
      size += most * codes;
    }
    largest = std::max(largest, std::abs(results[row] - sum) / size);
  }
  return largest;
}

constexpr double kRounding = 0x1p-24;

}  // namespace

TEST_CASE("one row times 4-bit codes is as exact as float32") {
  for (int group_size : {32, 64, 128})
    for (int columns : {32, 64, 96, 128, 256, 640, 1152, 4096}) {
      if (columns % group_size != 0) continue;
      CAPTURE(group_size);
      CAPTURE(columns);
      FourBits w(group_size, random_array({37, columns}, 1, -1, 2, float32));
      CHECK(largest_error(w, random_array({columns}, 2, -1, 1, float32)) < 2 * kRounding);
      // Neighbours of very different sizes, groups of very different sizes.
      array uniform = random_array({columns}, 3, -20, 20, float32);
      CHECK(largest_error(w, exp(uniform)) < 2 * kRounding);
      CHECK(largest_error(w, -power(array(2.0f), arange(0, columns, float32) * (40.0f / columns))) <
            2 * kRounding);
    }
}

TEST_CASE("one row of integers times 4-bit codes of integers is exact") {
  // Scales are 1, since the codes 0 and 15 are in each group.
  array w = astype(remainder(arange(0, 3 * 256, float32) * 7, array(16.0f)), float32);
  for (int group_size : {32, 64, 128}) {
    FourBits q(group_size, reshape(w, {3, 256}));
    array numbers = q.numbers();
    REQUIRE(array_equal(numbers, reshape(w, {3, 256})).item<bool>());
    array x = remainder(arange(0, 256, float32) * 37, array(201.0f)) - 100.0f;
    std::vector<double> expected(3, 0);
    const auto vector = values(x), matrix = values(numbers);
    for (size_t i = 0; i < matrix.size(); ++i) expected[i / 256] += matrix[i] * vector[i % 256];
    CHECK(values(q.product(x)) == expected);
    CHECK(values(q.product(-x * 0x1p-40f))[1] == -expected[1] * 0x1p-40);
  }
}

TEST_CASE("one row times 4-bit codes: the ends of the range") {
  const float infinity = std::numeric_limits<float>::infinity();
  FourBits w(64, random_array({5, 256}, 1, 1, 2, float32));
  const auto product_with = [&](float value) {
    auto numbers = values(random_array({256}, 2, -1, 1, float32));
    std::vector<float> x(numbers.begin(), numbers.end());
    x[70] = value;
    return array(x.begin(), {256});
  };
  for (float value : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN()})
    for (double result : values(w.product(product_with(value)))) CHECK(!std::isfinite(result));
  // 2^24 less one, of which the first digit needs all, and numbers that fixed point doesn't reach.
  for (float value :
       {16777215.0f, -16777215.0f, 8355711.0f, -8355712.0f, 0x1p60f, -0x1p90f, 0x1p-149f})
    CHECK(largest_error(w, product_with(value)) < 2 * kRounding);
  for (float size : {0x1p-59f, 0x1p-61f, 0x1p-100f, 0x1p59f, 0x1p61f, 0x1p100f})
    CHECK(largest_error(w, random_array({256}, 3, -1, 1, float32) * size) < 2 * kRounding);
  CHECK(values(w.product(zeros({256}))) == std::vector<double>(5, 0));
}

TEST_CASE("one row times 4-bit codes: scales of float16, threads") {
  array numbers = random_array({300, 512}, 1, -1, 1, float32), x = random_array({512}, 2, -1, 1);
  FourBits half(64, astype(numbers, float16));
  CHECK(half.scales.dtype() == float16);
  CHECK(largest_error(half, x) < 2 * kRounding);
  FourBits w(64, numbers);
  const int threads = num_threads();
  set_num_threads(1);
  array single = w.product(x);
  single.eval();
  set_num_threads(3);
  CHECK(array_equal(w.product(x), single).item<bool>());
  set_num_threads(threads);
}
