#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "cpu/softmax/softmax.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Within a few roundings of T, or of the type computed in for results that T rounds.
template <typename T>
bool close(T actual, double expected, double ulps = 6) {
  if (std::isnan(expected)) return std::isnan(double(actual));
  if (std::isinf(expected)) return double(actual) == expected;
  double unit = double(std::numeric_limits<T>::epsilon());
  double slack = is_half_v<T> ? 0.51 * unit : ulps * unit;
  double smallest = std::is_same_v<T, float16_t> ? 0x1p-24 : double(std::numeric_limits<T>::min());
  return std::abs(double(actual) - expected) <=
         slack * std::abs(expected) + (is_half_v<T> ? smallest : 4 * unit * smallest);
}

template <typename T>
std::vector<double> naive_softmax(const T* row, size_t n) {
  double largest = -kInfinity;
  long double sum = 0;
  for (size_t i = 0; i < n; ++i) largest = std::max(largest, double(row[i]));
  std::vector<double> out(n);
  for (size_t i = 0; i < n; ++i) sum += out[i] = std::exp(double(row[i]) - largest);
  for (double& x : out) x = double(x / sum);
  return out;
}

template <typename T>
double naive_logsumexp(const T* row, size_t n) {
  double largest = -kInfinity;
  long double sum = 0;
  bool nan = false;
  for (size_t i = 0; i < n; ++i) {
    largest = std::max(largest, double(row[i]));
    nan |= std::isnan(double(row[i]));
  }
  if (nan) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(largest)) return largest;
  for (size_t i = 0; i < n; ++i) sum += std::exp(double(row[i]) - largest);
  return double(largest + std::log(sum));
}

template <typename T>
std::vector<T> random_rows(Random& random, size_t count, double scale) {
  std::vector<T> values(count);
  for (T& x : values) x = T(std::normal_distribution<double>(0, scale)(random));
  return values;
}

template <typename T>
void check_rows(const std::vector<T>& in, size_t rows, size_t columns) {
  std::vector<T> out(in.size());
  std::vector<T> sums(rows);
  cpu::softmax(exact_dtype<T>(), in.data(), rows, columns, out.data());
  cpu::logsumexp(exact_dtype<T>(), in.data(), rows, columns, sums.data());
  for (size_t r = 0; r < rows; ++r) {
    auto expected = naive_softmax(in.data() + r * columns, columns);
    // x - max is rounded to the type computed in, which exp turns into a relative error.
    const T* row = in.data() + r * columns;
    double largest = double(*std::max_element(row, row + columns));
    size_t wrong = 0;
    for (size_t c = 0; c < columns; ++c) {
      double ulps = 6 + (std::isinf(double(row[c])) ? 0 : std::abs(double(row[c]) - largest));
      wrong += !close(out[r * columns + c], expected[c], ulps);
    }
    CAPTURE(columns);
    CHECK(wrong == 0);
    double sum = naive_logsumexp(in.data() + r * columns, columns);
    // Near zero the logarithm cancels against the largest element.
    bool right = close(sums[r], sum) ||
                 std::abs(double(sums[r]) - sum) <= 4 * double(std::numeric_limits<T>::epsilon()) *
                                                        std::abs(double(in[r * columns]));
    CHECK(right);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("softmax and logsumexp against float64", T, float16_t, bfloat16_t, float,
                   double) {
  Random random(41);
  for (size_t columns : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 100, 255, 1000})
    for (double scale : {0.1, 3.0, 60.0})
      check_rows(random_rows<T>(random, 5 * columns, scale), 5, columns);
  // Long enough to be cut, a few and many rows.
  check_rows(random_rows<T>(random, 2 * 40001, 5.0), 2, 40001);
  check_rows(random_rows<T>(random, 9 * 16385, 5.0), 9, 16385);
  check_rows(random_rows<T>(random, 3 * 16384, 5.0), 3, 16384);
}

TEST_CASE_TEMPLATE("softmax: infinities, NaN and small exponentials", T, float16_t, bfloat16_t,
                   float, double) {
  T infinity = T(std::numeric_limits<float>::infinity());
  T nan = T(std::numeric_limits<float>::quiet_NaN());
  for (size_t columns : {3, 20, 40000}) {
    std::vector<T> row(columns);
    for (size_t i = 0; i < columns; ++i) row[i] = T(float(i % 5) - 2.5f);
    row[1] = T(-float(infinity));
    check_rows(row, 1, columns);
    row[2] = T(-95.0f);
    check_rows(row, 1, columns);
    row[columns - 1] = infinity;
    std::vector<T> out(columns), sum(1);
    cpu::softmax(exact_dtype<T>(), row.data(), 1, columns, out.data());
    cpu::logsumexp(exact_dtype<T>(), row.data(), 1, columns, sum.data());
    CHECK(std::isnan(double(out[columns - 1])));
    CHECK(std::isnan(double(out[0])));
    CHECK(sum[0] == infinity);
    row[0] = nan;
    cpu::softmax(exact_dtype<T>(), row.data(), 1, columns, out.data());
    cpu::logsumexp(exact_dtype<T>(), row.data(), 1, columns, sum.data());
    CHECK(std::isnan(double(out[1])));
    CHECK(std::isnan(double(sum[0])));
    std::fill(row.begin(), row.end(), T(-float(infinity)));
    cpu::softmax(exact_dtype<T>(), row.data(), 1, columns, out.data());
    cpu::logsumexp(exact_dtype<T>(), row.data(), 1, columns, sum.data());
    CHECK(std::isnan(double(out[0])));
    CHECK(sum[0] == T(-float(infinity)));
  }
  T untouched = T(3.0f);
  cpu::logsumexp(exact_dtype<T>(), nullptr, 1, 0, &untouched);
  CHECK(untouched == T(-float(infinity)));
  cpu::softmax(exact_dtype<T>(), nullptr, 4, 0, nullptr);
  cpu::softmax(exact_dtype<T>(), nullptr, 0, 4, nullptr);
}

TEST_CASE_TEMPLATE("softmax: in place and for any number of threads", T, float16_t, float, double) {
  Random random(42);
  for (auto [rows, columns] : {std::pair<size_t, size_t>{2, 50000}, {500, 300}, {20, 20000}}) {
    auto in = random_rows<T>(random, rows * columns, 4);
    std::vector<T> first(in.size()), first_sums(rows);
    for (int threads : {1, 2, 7}) {
      set_num_threads(threads);
      auto out = in;
      std::vector<T> sums(rows);
      cpu::softmax(exact_dtype<T>(), out.data(), rows, columns, out.data());
      cpu::logsumexp(exact_dtype<T>(), in.data(), rows, columns, sums.data());
      if (threads == 1) {
        first = out;
        first_sums = sums;
      }
      CHECK(same_bits(out.data(), first.data(), out.size()));
      CHECK(same_bits(sums.data(), first_sums.data(), sums.size()));
    }
  }
  set_num_threads(2);
}
