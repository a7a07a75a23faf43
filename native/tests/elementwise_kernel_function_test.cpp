#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "elementwise_kernel_data.h"

// Every operation of the floating dtypes against the C library in long double.
namespace elementwise_test {
namespace {

using enum ElementwiseOp;

Wide erf_inverse(Wide y) {
  Wide a = std::fabs(y);
  if (!(a < 1)) return a == 1 ? std::copysign(Wide(INFINITY), y) : Wide(NAN);
  if (a == 0) return y;
  Wide x = 0.886L * a;
  if (a > 0.5L) {
    Wide w = -std::log(1 - a);
    x = std::sqrt(std::max(w - 0.5L * std::log(std::max(w, Wide(1))) - 0.57L, Wide(0.2)));
  }
  for (int i = 0; i < 100; ++i) {
    Wide gap = a < 0.5L ? std::erf(x) - a : (1 - a) - std::erfc(x);
    Wide step = gap * 0.886226925452758013649083741670572591L * std::exp(x * x);
    x -= std::clamp(step, -0.3L, 0.3L);
    if (std::fabs(step) < 1e-19L * x) break;
  }
  return std::copysign(x, y);
}

Wide maximum(Wide a, Wide b) { return std::isnan(a) || a > b ? a : b; }
Wide minimum(Wide a, Wide b) { return std::isnan(a) || a < b ? a : b; }

Wide remainder(Wide a, Wide b) {
  Wide r = std::fmod(a, b);
  if (r == 0) return std::copysign(Wide(0), b);
  return (r < 0) != (b < 0) ? r + b : r;
}

Wide floor_divide(Wide a, Wide b) {
  if (b == 0) return a / b;
  Wide r = std::fmod(a, b), q = (a - r) / b;
  if (r != 0 && (r < 0) != (b < 0)) q -= 1;
  return q == 0 ? std::copysign(Wide(0), a / b) : std::rint(q);
}

Wide log_add_exp(Wide a, Wide b) {
  if (a == b) return a + std::log(Wide(2));
  return maximum(a, b) + std::log1p(std::exp(minimum(a, b) - maximum(a, b)));
}

struct Unary {
  ElementwiseOp op;
  std::function<Wide(Wide)> reference;
  double ulps;
};

const std::vector<Unary>& unary_operations() {
  static const std::vector<Unary> operations = {
      {Abs, [](Wide x) { return std::fabs(x); }, 0},
      {ArcCos, [](Wide x) { return std::acos(x); }, 2},
      {ArcCosh, [](Wide x) { return std::acosh(x); }, 2.5},
      {ArcSin, [](Wide x) { return std::asin(x); }, 2.5},
      {ArcSinh, [](Wide x) { return std::asinh(x); }, 2.5},
      {ArcTan, [](Wide x) { return std::atan(x); }, 2},
      {ArcTanh, [](Wide x) { return std::atanh(x); }, 2.5},
      {Ceil, [](Wide x) { return std::ceil(x); }, 0},
      {Conjugate, [](Wide x) { return x; }, 0},
      {Cos, [](Wide x) { return std::cos(x); }, 2},
      {Cosh, [](Wide x) { return std::cosh(x); }, 2},
      {Erf, [](Wide x) { return std::erf(x); }, 2},
      {ErfInv, erf_inverse, 3},
      {Exp, [](Wide x) { return std::exp(x); }, 1.5},
      {Expm1, [](Wide x) { return std::expm1(x); }, 2},
      {Floor, [](Wide x) { return std::floor(x); }, 0},
      {Imag, [](Wide) { return Wide(0); }, 0},
      {Log, [](Wide x) { return std::log(x); }, 1.5},
      {Log10, [](Wide x) { return std::log10(x); }, 2.5},
      {Log1p, [](Wide x) { return std::log1p(x); }, 1.5},
      {Log2, [](Wide x) { return std::log2(x); }, 2.5},
      {Negative, [](Wide x) { return -x; }, 0},
      {Real, [](Wide x) { return x; }, 0},
      {Reciprocal, [](Wide x) { return 1 / x; }, 0.501},
      {Round, [](Wide x) { return std::rint(x); }, 0},
      {Rsqrt, [](Wide x) { return 1 / std::sqrt(x); }, 1.6},
      {Sigmoid, [](Wide x) { return 1 / (1 + std::exp(-x)); }, 3},
      {Sign, [](Wide x) { return std::isnan(x) ? x : Wide((x > 0) - (x < 0)); }, 0},
      {Sin, [](Wide x) { return std::sin(x); }, 2},
      {Sinh, [](Wide x) { return std::sinh(x); }, 2.5},
      {Sqrt, [](Wide x) { return std::sqrt(x); }, 0.501},
      {Square, [](Wide x) { return x * x; }, 0.501},
      {Tan, [](Wide x) { return std::tan(x); }, 3},
      {Tanh, [](Wide x) { return std::tanh(x); }, 3},
      {Trunc, [](Wide x) { return std::trunc(x); }, 0},
  };
  return operations;
}

struct Binary {
  ElementwiseOp op;
  std::function<Wide(Wide, Wide)> reference;
  double ulps;
};

const std::vector<Binary>& binary_operations() {
  static const std::vector<Binary> operations = {
      {Add, [](Wide a, Wide b) { return a + b; }, 0.501},
      {ArcTan2, [](Wide a, Wide b) { return std::atan2(a, b); }, 2},
      {Divide, [](Wide a, Wide b) { return a / b; }, 0.501},
      {FloorDivide, floor_divide, 1},
      {Maximum, maximum, 0},
      {Minimum, minimum, 0},
      {Multiply, [](Wide a, Wide b) { return a * b; }, 0.501},
      {Power, [](Wide a, Wide b) { return std::pow(a, b); }, 1.1},
      {Remainder, remainder, 0.501},
      {Subtract, [](Wide a, Wide b) { return a - b; }, 0.501},
  };
  return operations;
}

/// A result in a half type is that of float32 rounded once more.
template <typename T>
double allowed(double ulps) {
  return is_half_v<T> && ulps > 0 ? 0.502 : ulps;
}

template <typename T>
Values<T> samples(size_t count, unsigned seed) {
  if constexpr (is_half_v<T>) {
    Values<T> all(65536);
    for (size_t i = 0; i < all.size(); ++i) all[i] = T::from_bits(uint16_t(i));
    return all;
  } else {
    return Values<T>(floating_samples<T>(count, seed));
  }
}

template <typename T>
void check_unary(const Unary& operation) {
  auto x = samples<T>(20000, 1);
  auto y = apply<T>(operation.op, x);
  double worst = 0;
  Wide at = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    double off = ulps_off(y[i], operation.reference(widen(x[i])));
    if (off > worst) {
      worst = off;
      at = widen(x[i]);
    }
  }
  INFO(name(operation.op), " on ", name<T>(), " at ", double(at));
  CHECK(worst <= allowed<T>(operation.ulps));
}

/// Every pair of special values, and random pairs.
template <typename T>
std::pair<Values<T>, Values<T>> pairs(size_t count) {
  auto first = floating_samples<T>(count, 2), second = floating_samples<T>(count, 3);
  std::mt19937_64 random(4);
  std::shuffle(second.begin() + 36, second.end(), random);
  for (size_t i = 36; i < count; i += 4) second[i] = T(std::round(float(second[i])));
  for (size_t i = 0; i < 36; ++i)
    for (size_t k = 0; k < 36; ++k) {
      first.push_back(first[i]);
      second.push_back(second[k]);
    }
  first.resize(std::min(first.size(), second.size()));
  second.resize(first.size());
  return {Values<T>(first), Values<T>(second)};
}

template <typename T>
void check_binary(const Binary& operation) {
  auto [a, b] = pairs<T>(20000);
  auto c = apply<T>(operation.op, a, b);
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    // Which of two zeros of different signs is the greater is left open.
    bool zeros =
        (operation.op == Maximum || operation.op == Minimum) && a[i] == T(0) && b[i] == T(0);
    double off = zeros ? 0 : ulps_off(c[i], operation.reference(widen(a[i]), widen(b[i])));
    if (off > worst) {
      worst = off;
      at = i;
    }
  }
  INFO(name(operation.op), " on ", name<T>(), " at ", double(widen(a[at])), ", ",
       double(widen(b[at])), " gave ", double(widen(c[at])));
  CHECK(worst <= allowed<T>(operation.ulps));
}

TEST_CASE_TEMPLATE("elementwise kernels: functions of one argument", T, float, double, float16_t,
                   bfloat16_t) {
  for (auto& operation : unary_operations()) check_unary<T>(operation);
}

TEST_CASE_TEMPLATE("elementwise kernels: functions of two arguments", T, float, double, float16_t,
                   bfloat16_t) {
  for (auto& operation : binary_operations()) check_binary<T>(operation);
}

TEST_CASE_TEMPLATE("elementwise kernels: logaddexp", T, float, double, float16_t, bfloat16_t) {
  auto [a, b] = pairs<T>(20000);
  auto c = apply<T>(LogAddExp, a, b);
  for (size_t i = 0; i < a.size(); ++i) {
    Wide x = widen(a[i]), y = widen(b[i]), expected = log_add_exp(x, y);
    // The sum of an argument and a logarithm may cancel, so the argument is the measure;
    // so is the rounding of the difference, which the exponential makes relative.
    Wide scale = std::max({std::fabs(expected), std::isfinite(x) ? std::fabs(x) : Wide(0),
                           std::isfinite(y) && y > x ? std::fabs(y) : Wide(0)});
    INFO(double(x), ", ", double(y), " gave ", double(widen(c[i])));
    if (std::isfinite(expected) && std::isfinite(widen(c[i])))
      CHECK(std::fabs(widen(c[i]) - expected) <= 3 * spacing<T>(scale) + 0.5L * spacing<T>(x - y));
    else
      CHECK(ulps_off(c[i], expected) <= 1);
  }
}

TEST_CASE_TEMPLATE("elementwise kernels: comparisons of floating dtypes", T, float, double,
                   float16_t, bfloat16_t) {
  auto [a, b] = pairs<T>(3000);
  using Compare = bool (*)(Wide, Wide);
  const std::pair<ElementwiseOp, Compare> comparisons[] = {
      {Equal, [](Wide x, Wide y) { return x == y; }},
      {NotEqual, [](Wide x, Wide y) { return x != y; }},
      {NaNEqual, [](Wide x, Wide y) { return x == y || (std::isnan(x) && std::isnan(y)); }},
      {Less, [](Wide x, Wide y) { return x < y; }},
      {LessEqual, [](Wide x, Wide y) { return x <= y; }},
      {Greater, [](Wide x, Wide y) { return x > y; }},
      {GreaterEqual, [](Wide x, Wide y) { return x >= y; }},
      {LogicalAnd, [](Wide x, Wide y) { return x != 0 && y != 0; }},
      {LogicalOr, [](Wide x, Wide y) { return x != 0 || y != 0; }},
  };
  for (auto& [op, compare] : comparisons) {
    auto c = apply<bool>(op, a, b);
    size_t wrong = 0;
    for (size_t i = 0; i < a.size(); ++i) wrong += c[i] != compare(widen(a[i]), widen(b[i]));
    INFO(name(op));
    CHECK(wrong == 0);
  }
  auto negated = apply<bool>(LogicalNot, a);
  for (size_t i = 0; i < a.size(); ++i) REQUIRE(negated[i] == (widen(a[i]) == 0));
}

TEST_CASE("elementwise kernels: float32 functions over the whole range") {
  // Every 32,008th of all float32, which meets every exponent hundreds of times.
  std::vector<float> all;
  for (uint64_t bits = 0; bits < uint64_t(1) << 32; bits += 32008) {
    auto narrow = uint32_t(bits);
    float value;
    std::memcpy(&value, &narrow, sizeof(value));
    all.push_back(value);
  }
  Values<float> x(all);
  for (auto& operation : unary_operations()) {
    if (operation.op == ErfInv) continue;  // its reference is slow, and only (-1, 1) matters
    auto y = apply<float>(operation.op, x);
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i)
      worst = std::max(worst, ulps_off(y[i], operation.reference(x[i])));
    INFO(name(operation.op));
    CHECK(worst <= operation.ulps);
  }
}

TEST_CASE("elementwise kernels: the position of an element does not matter") {
  auto numbers = floating_samples<float>(200, 9);
  for (auto& operation : unary_operations()) {
    Values<float> x(numbers);
    auto together = apply<float>(operation.op, x);
    for (size_t i = 0; i < x.size(); ++i) {
      auto alone = apply<float>(operation.op, Values<float>{x[i]});
      REQUIRE(same(alone[0], together[i]));
    }
  }
  for (auto& operation : binary_operations()) {
    Values<float> x(numbers), y(x.size());
    for (size_t i = 0; i < x.size(); ++i) y[i] = x[(i * 7 + 3) % x.size()];
    auto together = apply<float>(operation.op, x, y);
    for (size_t i = 0; i < x.size(); ++i) {
      auto alone = apply<float>(operation.op, Values<float>{x[i]}, Values<float>{y[i]});
      REQUIRE(same(alone[0], together[i]));
    }
  }
}

}  // namespace
}  // namespace elementwise_test
