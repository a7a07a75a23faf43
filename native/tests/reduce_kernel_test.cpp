#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <vector>

#include "cpu/reduce/arg_reduce.h"
#include "cpu/reduce/reduce.h"
#include "mlx/errors.h"
#include "runtime/thread_pool.h"
#include "strided_test_data.h"

using namespace mlx::core;
using namespace strided_test;
using cpu::ArgReduceOp;
using cpu::ReduceOp;

namespace {

std::vector<int> random_axes(Random& random, size_t ndim) {
  std::vector<int> axes;
  for (size_t i = 0; i < ndim; ++i)
    if (pick(random, 0, 1)) axes.push_back(int(i));
  std::shuffle(axes.begin(), axes.end(), random);
  return axes;
}

Index kept_shape(const Index& shape, const std::vector<int>& axes) {
  Index kept;
  for (size_t i = 0; i < shape.size(); ++i)
    if (std::find(axes.begin(), axes.end(), int(i)) == axes.end()) kept.push_back(shape[i]);
  return kept;
}

/// The elements behind each output, in index order.
template <typename T>
std::vector<std::vector<T>> groups_of(Strided<T>& in, const std::vector<int>& axes) {
  Index kept = kept_shape(in.shape(), axes);
  std::vector<std::vector<T>> groups(size_t(volume(kept)));
  for_each_index(in.shape(), [&](const Index& index) {
    size_t at = 0;
    for (size_t i = 0; i < index.size(); ++i)
      if (std::find(axes.begin(), axes.end(), int(i)) == axes.end())
        at = at * size_t(in.shape()[i]) + size_t(index[i]);
    groups[at].push_back(in[index]);
  });
  return groups;
}

template <typename Out, typename T>
std::vector<Out> run(ReduceOp op, Strided<T>& in, const std::vector<int>& axes) {
  size_t count = size_t(volume(kept_shape(in.shape(), axes)));
  std::unique_ptr<Out[]> out(new Out[count + 1]);
  cpu::reduce(op, in.input(), axes, exact_dtype<Out>(), out.get());
  return std::vector<Out>(out.get(), out.get() + count);
}

template <typename T>
bool is_nan(T x) {
  if constexpr (is_complex_v<T>)
    return std::isnan(x.real()) || std::isnan(x.imag());
  else if constexpr (is_floating_v<T>)
    return std::isnan(double(x));
  else
    return false;
}

template <typename T>
bool is_less(T a, T b) {
  if constexpr (is_complex_v<T>)
    return a.real() != b.real() ? a.real() < b.real() : a.imag() < b.imag();
  else
    return a < b;
}

template <typename T>
size_t naive_arg_extreme(const std::vector<T>& values, bool max) {
  size_t best = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (is_nan(values[i])) return i;
    if (max ? is_less(values[best], values[i]) : is_less(values[i], values[best])) best = i;
  }
  return best;
}

/// |actual - exact| within `roundings` half-ulps of the sum of magnitudes, after one rounding to T.
template <typename T>
bool close(double actual, long double exact, long double magnitude, double roundings) {
  if (std::isnan(exact)) return std::isnan(actual);
  double rounded = double(T(double(exact)));
  if (std::isinf(exact) || std::isinf(rounded)) return actual == rounded;
  double unit = double(std::numeric_limits<T>::epsilon()) / 2;
  double smallest = std::is_same_v<T, float16_t> ? 0x1p-24 : 1e-40;
  double tolerance = unit * std::abs(double(exact)) + roundings * double(magnitude) + smallest;
  return std::abs(actual - double(exact)) <= tolerance;
}

template <typename T, typename Out>
void check_float_sums(uint64_t seed) {
  Random random(seed);
  // Three float32 roundings in the tree; float64's compensated sums nearly none beyond it.
  const double roundings = std::is_same_v<T, double> ? 4 * 0x1p-53 : 4 * 0x1p-24;
  for (int round = 0; round < 150; ++round) {
    Strided<T> in(random, random_shape(random, 4), round % 3 == 0);
    auto axes = random_axes(random, in.shape().size());
    auto sums = run<Out>(ReduceOp::sum, in, axes);
    auto groups = groups_of(in, axes);
    for (size_t i = 0; i < groups.size(); ++i) {
      long double sum = 0, magnitude = 0;
      for (T x : groups[i]) {
        sum += (long double)(double(x));
        magnitude += std::abs(double(x));
      }
      REQUIRE(close<Out>(double(sums[i]), sum, magnitude, roundings));
    }
  }
}

template <typename T, typename Out>
void check_integer_sums(uint64_t seed) {
  Random random(seed);
  for (int round = 0; round < 40; ++round) {
    Strided<T> in(random, random_shape(random, 4));
    auto axes = random_axes(random, in.shape().size());
    auto sums = run<Out>(ReduceOp::sum, in, axes);
    auto products = run<Out>(ReduceOp::prod, in, axes);
    auto groups = groups_of(in, axes);
    for (size_t i = 0; i < groups.size(); ++i) {
      uint64_t sum = 0, product = 1;
      for (T x : groups[i]) {
        sum += uint64_t(x);
        product *= uint64_t(x);
      }
      REQUIRE(sums[i] == Out(sum));
      REQUIRE(products[i] == Out(product));
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("reduce: max, min, argmax and argmin in any layout", T, ALL_DTYPES) {
  Random random(11);
  for (int round = 0; round < 120; ++round) {
    Strided<T> in(random, random_shape(random, 4), round % 2 == 0);
    auto axes = random_axes(random, in.shape().size());
    auto groups = groups_of(in, axes);
    if (!groups.empty() && groups[0].empty()) {
      CHECK_THROWS_AS(run<T>(ReduceOp::max, in, axes), std::invalid_argument);
      CHECK_THROWS_AS(run<T>(ReduceOp::min, in, axes), std::invalid_argument);
      continue;
    }
    for (bool max : {true, false}) {
      auto actual = run<T>(max ? ReduceOp::max : ReduceOp::min, in, axes);
      for (size_t i = 0; i < groups.size(); ++i) {
        T expected = groups[i][naive_arg_extreme(groups[i], max)];
        REQUIRE((is_nan(expected) ? is_nan(actual[i]) : actual[i] == expected));
      }
      if (in.shape().empty()) continue;
      int axis = int(pick(random, 0, int64_t(in.shape().size()) - 1));
      auto lines = groups_of(in, {axis});
      std::vector<uint32_t> places(lines.size());
      auto op = max ? ArgReduceOp::argmax : ArgReduceOp::argmin;
      if (!lines.empty() && lines[0].empty()) {
        CHECK_THROWS_AS(cpu::arg_reduce(op, in.input(), axis, places.data()),
                        std::invalid_argument);
        continue;
      }
      cpu::arg_reduce(op, in.input(), axis, places.data());
      for (size_t i = 0; i < lines.size(); ++i)
        REQUIRE(places[i] == naive_arg_extreme(lines[i], max));
    }
  }
}

TEST_CASE_TEMPLATE("reduce: all and any in any layout", T, ALL_DTYPES) {
  Random random(12);
  for (int round = 0; round < 80; ++round) {
    Strided<T> in(random, random_shape(random, 4));
    bool mostly = pick(random, 0, 1) != 0;
    for (int64_t i = 0; i < in.memory_size(); ++i)
      if (pick(random, 0, 40)) in.memory()[i] = T(mostly);
    auto axes = random_axes(random, in.shape().size());
    auto all = run<bool>(ReduceOp::all, in, axes), any = run<bool>(ReduceOp::any, in, axes);
    auto groups = groups_of(in, axes);
    for (size_t i = 0; i < groups.size(); ++i) {
      bool expected_all = true, expected_any = false;
      for (T x : groups[i]) {
        expected_all &= x != T(0);
        expected_any |= x != T(0);
      }
      REQUIRE(bool(all[i]) == expected_all);
      REQUIRE(bool(any[i]) == expected_any);
    }
  }
}

TEST_CASE("reduce: sums of floats against long double") {
  check_float_sums<float, float>(1);
  check_float_sums<double, double>(2);
  check_float_sums<float16_t, float16_t>(3);
  check_float_sums<bfloat16_t, bfloat16_t>(4);
  check_float_sums<float16_t, float>(5);
  check_float_sums<bfloat16_t, float>(6);
}

TEST_CASE("reduce: sums and products of integers wrap in the output's dtype") {
  check_integer_sums<bool, int32_t>(1);
  check_integer_sums<int8_t, int32_t>(2);
  check_integer_sums<uint8_t, uint32_t>(3);
  check_integer_sums<int16_t, int32_t>(4);
  check_integer_sums<uint16_t, uint32_t>(5);
  check_integer_sums<int32_t, int32_t>(6);
  check_integer_sums<uint32_t, uint32_t>(7);
  check_integer_sums<int64_t, int64_t>(8);
  check_integer_sums<uint64_t, uint64_t>(9);
  check_integer_sums<int8_t, int8_t>(10);
  check_integer_sums<uint16_t, uint16_t>(11);
  check_integer_sums<int8_t, int64_t>(12);
}

TEST_CASE("reduce: products of floats and complex sums and products") {
  Random random(21);
  for (int round = 0; round < 80; ++round) {
    Strided<float> real(random, random_shape(random, 3), false);
    Strided<complex64_t> complex(random, random_shape(random, 3), false);
    for (int64_t i = 0; i < real.memory_size(); ++i) real.memory()[i] = 1 + 0.1f * real.memory()[i];
    for (int64_t i = 0; i < complex.memory_size(); ++i)
      complex.memory()[i] = std::polar(1.0f, float(complex.memory()[i].real()));
    auto axes = random_axes(random, real.shape().size());
    auto products = run<float>(ReduceOp::prod, real, axes);
    auto groups = groups_of(real, axes);
    for (size_t i = 0; i < groups.size(); ++i) {
      long double product = 1;
      for (float x : groups[i]) product *= x;
      REQUIRE(close<float>(products[i], product, std::abs(product), 0x1p-26));
    }
    axes = random_axes(random, complex.shape().size());
    auto complex_sums = run<complex64_t>(ReduceOp::sum, complex, axes);
    auto complex_products = run<complex64_t>(ReduceOp::prod, complex, axes);
    auto complex_groups = groups_of(complex, axes);
    for (size_t i = 0; i < complex_groups.size(); ++i) {
      std::complex<double> sum = 0, product = 1;
      for (complex64_t x : complex_groups[i]) {
        sum += std::complex<double>(x.real(), x.imag());
        product *= std::complex<double>(x.real(), x.imag());
      }
      REQUIRE(std::abs(std::complex<double>(complex_sums[i]) - sum) <=
              0x1p-23 * std::abs(sum) + 1e-9);
      REQUIRE(std::abs(std::complex<double>(complex_products[i]) - product) <=
              0x1p-23 * std::abs(product));
    }
  }
}

TEST_CASE("reduce: sums keep infinities and cancel exactly") {
  double infinity = std::numeric_limits<double>::infinity();
  auto sum = [](std::vector<double> values) {
    int32_t shape[] = {int32_t(values.size())};
    int64_t strides[] = {1};
    int axes[] = {0};
    double out;
    cpu::reduce(ReduceOp::sum, {values.data(), float64, shape, strides}, axes, float64, &out);
    return out;
  };
  std::vector<double> many(100, 1.0);
  many[57] = infinity;
  CHECK(sum(many) == infinity);
  many[3] = -infinity;
  CHECK(std::isnan(sum(many)));
  CHECK(sum({1e308, 1e308}) == infinity);
  CHECK(sum({1e16, 1.0, -1e16}) == 1.0);
  CHECK(sum({}) == 0.0);
}

TEST_CASE("reduce: long inputs are cut alike for any number of threads") {
  Random random(31);
  const std::vector<std::pair<Index, std::vector<int>>> cases = {
      {{1000003}, {0}},
      {{3, 200001}, {1}},
      {{200001, 3}, {0}},
      {{2000, 300}, {0}},
      {{300, 2000}, {1}},
      {{20, 300, 100}, {0, 2}},
      {{700, 1000}, {0, 1}},
      {{100, 2, 3000}, {0}},
      {{5000, 150}, {1}},
      // A short innermost axis beside another one.
      {{3000, 40, 6}, {0, 2}},
      {{70, 1100, 3}, {2, 0}},
      {{2, 30, 5, 1000, 2}, {0, 2, 4}}};
  for (const auto& [shape, axes] : cases) {
    Strided<float> floats(random, shape, false, false);
    Strided<double> doubles(random, shape, false, false);
    Strided<float16_t> halves(random, shape, false, false);
    std::vector<float> first_floats, first_halves;
    std::vector<double> first_doubles;
    std::vector<uint32_t> first_places;
    for (int threads : {1, 2, 7}) {
      set_num_threads(threads);
      auto float_sums = run<float>(ReduceOp::sum, floats, axes);
      auto half_sums = run<float>(ReduceOp::sum, halves, axes);
      auto double_sums = run<double>(ReduceOp::sum, doubles, axes);
      std::vector<uint32_t> places(size_t(volume(kept_shape(shape, {axes[0]}))));
      cpu::arg_reduce(ArgReduceOp::argmax, floats.input(), axes[0], places.data());
      if (threads == 1) {
        first_floats = float_sums;
        first_halves = half_sums;
        first_doubles = double_sums;
        first_places = places;
        auto groups = groups_of(floats, axes);
        for (size_t i = 0; i < groups.size(); ++i) {
          long double sum = 0, magnitude = 0;
          for (float x : groups[i]) {
            sum += x;
            magnitude += std::abs(x);
          }
          REQUIRE(close<float>(float_sums[i], sum, magnitude, 4 * 0x1p-24));
        }
        auto lines = groups_of(floats, {axes[0]});
        for (size_t i = 0; i < lines.size(); ++i)
          REQUIRE(places[i] == naive_arg_extreme(lines[i], true));
      }
      CHECK(same_bits(float_sums.data(), first_floats.data(), float_sums.size()));
      CHECK(same_bits(half_sums.data(), first_halves.data(), half_sums.size()));
      CHECK(same_bits(double_sums.data(), first_doubles.data(), double_sums.size()));
      CHECK(places == first_places);
    }
  }
  set_num_threads(2);
}

TEST_CASE("reduce: dtype pairs that make no sense are refused by name") {
  float in = 0;
  int32_t out;
  auto attempt = [&](ReduceOp op, Dtype from, Dtype to) {
    cpu::reduce(op, {&in, from, {}, {}}, {}, to, &out);
  };
  CHECK_THROWS_WITH_AS(attempt(ReduceOp::sum, float32, int32),
                       "[sum] can't reduce float32 to int32", DtypeError);
  CHECK_THROWS_AS(attempt(ReduceOp::prod, int32, float32), DtypeError);
  CHECK_THROWS_AS(attempt(ReduceOp::sum, bool_, bool_), DtypeError);
  CHECK_THROWS_AS(attempt(ReduceOp::max, float32, int32), DtypeError);
  CHECK_THROWS_WITH_AS(attempt(ReduceOp::all, float32, int32),
                       "[all] the output must be bool, not int32", DtypeError);
}
