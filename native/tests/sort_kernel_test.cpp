#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "cpu/sort/sort.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;

namespace {

/// Where NaN put a value: 0 for none; for complex numbers as NumPy documents.
template <typename T>
int nan_rank(T x) {
  if constexpr (is_complex_v<T>)
    return 2 * std::isnan(x.real()) + std::isnan(x.imag());
  else if constexpr (is_floating_v<T>)
    return std::isnan(double(x));
  else
    return 0;
}

template <typename T>
bool comes_before(T a, T b) {
  if (nan_rank(a) != nan_rank(b)) return nan_rank(a) < nan_rank(b);
  if constexpr (is_complex_v<T>) {
    if (!std::isnan(a.real()) && a.real() != b.real()) return a.real() < b.real();
    return !std::isnan(a.imag()) && a.imag() < b.imag();
  } else {
    return a < b;
  }
}

template <typename T>
bool same_element(T a, T b) {
  if constexpr (is_complex_v<T>)
    return same_element(a.real(), b.real()) && same_element(a.imag(), b.imag());
  else if constexpr (is_floating_v<T>)
    return (std::isnan(double(a)) && std::isnan(double(b))) ||
           (a == b && std::signbit(double(a)) == std::signbit(double(b)));
  else
    return a == b;
}

/// Complex zeros may lose their sign, real ones may not.
template <typename T>
bool same_sorted(T a, T b) {
  if constexpr (is_complex_v<T>)
    return (a.real() == b.real() || (std::isnan(a.real()) && std::isnan(b.real()))) &&
           (a.imag() == b.imag() || (std::isnan(a.imag()) && std::isnan(b.imag())));
  else
    return same_element(a, b);
}

template <typename T>
void check_sort(Strided<T>& in, int axis) {
  const Index& shape = in.shape();
  size_t count = size_t(volume(shape)), length = size_t(shape[size_t(axis)]);
  std::unique_ptr<T[]> sorted(new T[count + 1]);
  std::vector<uint32_t> order(count + 1, 12345u);
  cpu::sort(in.input(), axis, sorted.get());
  cpu::argsort(in.input(), axis, order.data());
  CHECK(order[count] == 12345u);
  size_t step = 1;
  for (size_t i = size_t(axis) + 1; i < shape.size(); ++i) step *= size_t(shape[i]);
  Index starts = shape;
  starts[size_t(axis)] = std::min(1, shape[size_t(axis)]);
  size_t wrong = 0;
  for_each_index(starts, [&](Index index) {
    size_t at = 0;
    for (size_t i = 0; i < shape.size(); ++i) at = at * size_t(shape[i]) + size_t(index[i]);
    std::unique_ptr<T[]> line(new T[length]);
    for (size_t i = 0; i < length; ++i) {
      index[size_t(axis)] = int32_t(i);
      line[i] = in[index];
    }
    std::vector<uint32_t> expected(length);
    std::iota(expected.begin(), expected.end(), 0u);
    std::stable_sort(expected.begin(), expected.end(),
                     [&](uint32_t a, uint32_t b) { return comes_before(line[a], line[b]); });
    for (size_t i = 0; i < length; ++i) {
      wrong += order[at + i * step] != expected[i];
      wrong += !same_sorted(sorted[at + i * step], line[expected[i]]);
    }
  });
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("sort and argsort: every dtype, axis and layout", T, ALL_DTYPES) {
  Random random(61);
  for (int round = 0; round < 100; ++round) {
    Index shape = random_shape(random, 3);
    if (shape.empty()) shape.push_back(7);
    Strided<T> in(random, shape);
    check_sort(in, int(pick(random, 0, int64_t(shape.size()) - 1)));
  }
}

TEST_CASE_TEMPLATE("sort: long lines for any number of threads", T, bool, int8_t, uint16_t,
                   float16_t, int32_t, float, int64_t, double, complex64_t) {
  Random random(62);
  for (int threads : {1, 2, 7}) {
    set_num_threads(threads);
    for (const Index& shape : {Index{1000}, Index{200000}, Index{3, 140000}, Index{140000, 2}}) {
      Strided<T> in(random, shape, true, false);
      check_sort(in, shape[0] == 3 ? 1 : 0);
    }
  }
  set_num_threads(2);
}

TEST_CASE("sort: values that share all digits, and the extremes of a dtype") {
  std::vector<int64_t> values(5000, 7), out(5000);
  values[4000] = std::numeric_limits<int64_t>::min();
  values[10] = std::numeric_limits<int64_t>::max();
  int32_t shape[] = {5000};
  int64_t strides[] = {1};
  cpu::sort({values.data(), int64, shape, strides}, 0, out.data());
  CHECK(out.front() == std::numeric_limits<int64_t>::min());
  CHECK(out.back() == std::numeric_limits<int64_t>::max());
  CHECK(std::count(out.begin(), out.end(), 7) == 4998);
}
