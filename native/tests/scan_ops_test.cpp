#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "derivative_checks.h"
#include "primitives/linear_recurrence.h"
#include "runtime/thread_pool.h"

using namespace mlx::core;
using namespace mlx::core::testing;

namespace {

using Numbers = std::vector<double>;
using Scan = array (*)(const array&, int, bool, bool, StreamOrDevice);

struct Case {
  const char* name;
  Scan scan;
  double identity;
  double (*combine)(double, double);
};

const double infinity = std::numeric_limits<double>::infinity();

const Case cases[] = {
    {"cumsum", cumsum, 0, [](double a, double b) { return a + b; }},
    {"cumprod", cumprod, 1, [](double a, double b) { return a * b; }},
    {"cummax", cummax, -infinity, [](double a, double b) { return std::max(a, b); }},
    {"cummin", cummin, infinity, [](double a, double b) { return std::min(a, b); }},
    {"logcumsumexp", logcumsumexp, -infinity,
     [](double a, double b) {
       double high = std::max(a, b);
       return std::isinf(high) ? high : high + std::log(std::exp(a - high) + std::exp(b - high));
     }},
};

/// The scan of a dense array along its middle axis by a plain loop.
Numbers expected(const Case& c, const Numbers& x, int outer, int n, int inner, bool reverse,
                 bool inclusive) {
  Numbers result(x.size());
  for (int o = 0; o < outer; ++o)
    for (int i = 0; i < inner; ++i) {
      double total = c.identity;
      for (int k = 0; k < n; ++k) {
        size_t at = size_t((o * n + (reverse ? n - 1 - k : k)) * inner + i);
        double next = c.combine(total, x[at]);
        result[at] = inclusive ? next : total;
        total = next;
      }
    }
  return result;
}

}  // namespace

TEST_CASE("scans along any axis, both ways, with and without the element itself") {
  for (auto& c : cases) {
    CAPTURE(c.name);
    for (Shape shape : {Shape{3, 5, 4}, Shape{2, 1, 7}, Shape{1, 9, 1}, Shape{4, 3, 700}}) {
      array x = random_array(shape, 11);
      for (int axis = -3; axis < 3; ++axis) {
        int at = axis < 0 ? axis + 3 : axis, outer = 1, inner = 1;
        for (int i = 0; i < at; ++i) outer *= shape[i];
        for (int i = at + 1; i < 3; ++i) inner *= shape[i];
        for (int way = 0; way < 4; ++way) {
          bool reverse = way & 1, inclusive = way & 2;
          auto got = values(c.scan(x, axis, reverse, inclusive, {}));
          auto wanted = expected(c, values(x), outer, shape[at], inner, reverse, inclusive);
          for (size_t i = 0; i < got.size(); ++i) {
            if (std::isinf(wanted[i]))
              REQUIRE(got[i] == wanted[i]);
            else
              REQUIRE(std::abs(got[i] - wanted[i]) <= 1e-13 * (1 + std::abs(wanted[i])));
          }
        }
      }
    }
  }
}

TEST_CASE("long rows are scanned in blocks, with the same bits for any number of threads") {
  int before = num_threads();
  array x = random_array({2, 300001}, 5, -1, 1, float32);
  for (bool reverse : {false, true}) {
    array one = x, sums = astype(cumsum(astype(x, float64), 1, reverse), float32);
    for (int threads : {1, 2, 7}) {
      set_num_threads(threads);
      array result = cumsum(x, 1, reverse);
      eval(result);
      if (threads == 1)
        one = result;
      else
        CHECK(array_equal(one, result).item<bool>());
      // The error of 300,000 additions of size one, each of half a unit of the partial sum.
      CHECK(max(abs(subtract(result, sums))).item<float>() < 0.05f);
    }
  }
  set_num_threads(before);
}

TEST_CASE("scans of views, of nothing, and of the flattened array") {
  array x({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(values(cumsum(transpose(x), 0)) == Numbers{1, 4, 3, 9, 6, 15});
  CHECK(values(cumsum(x)) == Numbers{1, 3, 6, 10, 15, 21});
  CHECK(values(cumprod(x, true, false)) == Numbers{720, 360, 120, 30, 6, 1});
  CHECK(cumsum(zeros({3, 0}), 1).shape() == Shape{3, 0});
  CHECK(cummax(zeros({0, 3}), 0).shape() == Shape{0, 3});
  CHECK_THROWS_AS(cumsum(x, 2), IndexError);
  CHECK_THROWS_AS(cummax(array(complex64_t(1, 2)), 0), std::invalid_argument);
}

TEST_CASE("dtypes of scans") {
  for (Dtype dtype : {uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, bfloat16,
                      float32, float64, complex64}) {
    array x = astype(array({3, 1, 2}), dtype);
    CHECK(cumsum(x, 0).dtype() == dtype);
    CHECK(array_equal(cumsum(x, 0), astype(array({3, 4, 6}), dtype)).item<bool>());
    CHECK(array_equal(cumprod(x, 0), astype(array({3, 3, 6}), dtype)).item<bool>());
    if (dtype == complex64) continue;
    CHECK(array_equal(cummax(x, 0), astype(array({3, 3, 3}), dtype)).item<bool>());
    CHECK(array_equal(cummin(x, 0), astype(array({3, 1, 1}), dtype)).item<bool>());
    CHECK(logcumsumexp(x, 0).dtype() == (issubdtype(dtype, floating) ? dtype : float32));
  }
  CHECK(cumsum(array({true, true, false}), 0).dtype() == int32);
  CHECK(cummax(array({false, true, false}), 0).dtype() == bool_);
  CHECK(values(cumsum(array({int8_t(127), int8_t(1)}), 0)) == Numbers{127, -128});
  CHECK(values(cummax(array({int8_t(5), int8_t(-7)}), 0, false, false)) == Numbers{-128, 5});
  // Half types are added up in float32.
  CHECK(max(cumsum(ones({4096}, float16), 0)).item<float>() == 4096);
}

TEST_CASE("NaN and infinities in scans") {
  float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  array x({1.0f, nan, 2.0f});
  for (auto& c : cases) {
    auto result = values(c.scan(x, 0, false, true, {}));
    CHECK(result[0] == 1);
    CHECK(std::isnan(result[1]));
    CHECK(std::isnan(result[2]));
  }
  CHECK(values(logcumsumexp(array({-inf, -inf, 0.0f, inf}), 0)) ==
        Numbers{-infinity, -infinity, 0, infinity});
}

TEST_CASE("derivatives and mapping of scans") {
  array x = random_array({3, 4}, 3, -2, 2);
  array block = random_array({2, 3, 4}, 4, -2, 2);
  array with_zeros({2.0, 0.0, 3.0, 0.0, 0.5, 0.0, 1.5, 4.0, -1.0, 2.0, 3.0, 0.0}, {3, 4}, float64);
  for (auto& c : cases) {
    CAPTURE(c.name);
    for (int way = 0; way < 4; ++way)
      for (int axis : {0, 1}) {
        auto f = [&](const std::vector<array>& inputs) {
          array y = c.scan(inputs[0], axis, way & 1, way & 2, {});
          // The identities of maxima and minima have no derivative.
          return where(isinf(y), zeros_like(y), y);
        };
        check_derivatives(f, {x});
        for (int mapped : {0, 1, 2}) check_vmap(f, {block}, {mapped}, 1);
        if (c.scan == Scan(cumprod)) check_derivatives(f, {with_zeros});
      }
  }
}

TEST_CASE("logcumsumexp of complex numbers is the logarithm of a running sum") {
  array x = array({complex64_t(1, 1), complex64_t(-2, 0.5f), complex64_t(0, -2)});
  array got = logcumsumexp(x, 0, false, true), want = log(cumsum(exp(x), 0, false, true));
  CHECK(max(abs(subtract(got, want))).item<float>() < 1e-6f);
  // Far below the largest nothing is lost, nor far above.
  array far({complex64_t(-500, 0), complex64_t(0, 0), complex64_t(500, 1)});
  got = logcumsumexp(far, 0, false, true);
  CHECK(max(abs(subtract(got, far))).item<float>() < 1e-4f);
  array first = take(logcumsumexp(x, 0, false, false), array(0), 0);
  CHECK(real(first).item<float>() == -std::numeric_limits<float>::infinity());
}

TEST_CASE("gradients of logcumsumexp are shares of exponentials, however large") {
  float inf = std::numeric_limits<float>::infinity();
  const std::vector<std::vector<float>> rows = {
      {1e8f, 1e8f, 0.0f},    {0.0f, 0.0f, 1e8f},         {-1e8f, -1e8f, -1e8f, 3.0f},
      {1e30f, 1e30f, 1e30f}, {-3e38f, 3e38f, 0.0f},      {-inf, -inf, 0.0f, -inf, 1.0f},
      {-inf, -inf},          {1.0f, -2.0f, 0.5f, 0.25f}, {100.0f, 100.0f, 99.0f}};
  for (Dtype dtype : {float32, float64, float16, bfloat16})
    for (auto& row : rows)
      for (int way = 0; way < 4; ++way) {
        bool reverse = way & 1, inclusive = way & 2;
        array x = array(row.begin(), {int(row.size())}, dtype);
        Numbers v = values(x), weights(v.size()), expected(v.size(), 0);
        if (std::any_of(v.begin(), v.end(), [](double a) { return a == infinity; })) continue;
        auto place = [&](size_t i) { return reverse ? v.size() - 1 - i : i; };
        for (size_t i = 0; i < v.size(); ++i) weights[i] = double(i % 3) - 0.5;
        for (size_t i = 0; i < v.size(); ++i) {
          size_t count = i + size_t(inclusive);
          double largest = -infinity, total = 0;
          for (size_t j = 0; j < count; ++j) largest = std::max(largest, v[place(j)]);
          if (largest == -infinity) continue;
          for (size_t j = 0; j < count; ++j) total += std::exp(v[place(j)] - largest);
          for (size_t j = 0; j < count; ++j)
            expected[place(j)] += weights[place(i)] * std::exp(v[place(j)] - largest) / total;
        }
        array c = array(weights.begin(), x.shape(), dtype);
        VectorFunction f = [&](const std::vector<array>& a) {
          return std::vector<array>{logcumsumexp(a[0], 0, reverse, inclusive)};
        };
        Numbers got = values(vjp(f, {x}, {c}).second[0]);
        array tangent = jvp(f, {x}, {c}).second[0];
        // The two are each other's transposes: a sum of everything is the same.
        double forward = sum(astype(tangent, float64) * astype(c, float64)).item<double>();
        double back = 0;
        double unit = dtype == float64 ? 1e-13 : dtype == float32 ? 1e-6 : 0.02;
        for (size_t i = 0; i < v.size(); ++i) {
          CHECK(got[i] == doctest::Approx(expected[i]).epsilon(unit).scale(1));
          back += expected[i] * weights[i];
        }
        CHECK(forward == doctest::Approx(back).epsilon(3 * unit).scale(1));
      }
  // An infinite element has no derivative, those before it do.
  Numbers got = values(grad([](const array& a) {
    return sum(take(logcumsumexp(a, 0), array({0, 2})));
  })(array({0.0f, -1.0f, inf, 1.0f})));
  CHECK(got[0] == 1);
  CHECK(got[1] == 0);
  CHECK(std::isnan(got[2]));
  CHECK(got[3] == 0);
}

TEST_CASE("a linear recurrence and its derivatives") {
  array a = random_array({3, 4, 5}, 5, -1, 1), b = random_array({3, 4, 5}, 6, -1, 1);
  Stream s = default_stream(Device::cpu);
  for (int axis : {0, 1, 2})
    for (bool reverse : {false, true}) {
      auto f = [&](const std::vector<array>& inputs) {
        return linear_recurrence(inputs[0], inputs[1], axis, reverse, s);
      };
      check_derivatives(f, {a, b});
      array y = f({a, b}), before = shift_by_one(y, axis, !reverse, array(0.0, float64), s);
      CHECK(distance(y, a * before + b) < 1e-14);
      if (axis == 2) continue;
      array rows = take(a, 0, 2);
      check_vmap(f, {rows, b}, {-1, 2});
      check_vmap(f, {moveaxis(a, 2, 0), b}, {0, 2});
      check_vmap(f, {a, rows}, {2, -1}, 1);
    }
  CHECK_THROWS_AS(linear_recurrence(a, b, 3, false, s), IndexError);
  CHECK_THROWS_AS(linear_recurrence(a, zeros({3}), 0, false, s), ShapeError);
  CHECK_THROWS_AS(linear_recurrence(zeros({3}), zeros({3}, int32), 0, false, s), DtypeError);
}
