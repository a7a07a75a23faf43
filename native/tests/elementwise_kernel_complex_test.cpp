#include <doctest/doctest.h>

#include <complex>
#include <functional>

#include "elementwise_kernel_data.h"

// complex64 against std::complex<long double>, and its special values as NumPy has them.
namespace elementwise_test {
namespace {

using enum ElementwiseOp;
using WideComplex = std::complex<Wide>;

WideComplex widen_complex(complex64_t z) { return {z.real(), z.imag()}; }

/// Off by so many units in the last place of the result's magnitude.
double ulps_off(complex64_t result, WideComplex expected) {
  Wide error = std::abs(widen_complex(result) - expected);
  return double(error / spacing<float>(std::max(std::abs(expected), 1e-30L)));
}

Values<complex64_t> samples(size_t count, unsigned seed, float scale) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, scale);
  Values<complex64_t> values(count);
  for (size_t i = 0; i < count; ++i) {
    values[i] = complex64_t(normal(random), normal(random));
    if (i % 10 == 0) values[i] = complex64_t(values[i].real(), 0.0f);
    if (i % 10 == 1) values[i] = complex64_t(0.0f, values[i].imag());
    if (i % 10 == 2) values[i] = complex64_t(1e-4f * values[i]);
  }
  return values;
}

TEST_CASE("elementwise kernels: complex functions") {
  const std::pair<ElementwiseOp, std::function<WideComplex(WideComplex)>> operations[] = {
      {ArcCos, [](WideComplex z) { return std::acos(z); }},
      {ArcCosh, [](WideComplex z) { return std::acosh(z); }},
      {ArcSin, [](WideComplex z) { return std::asin(z); }},
      {ArcSinh, [](WideComplex z) { return std::asinh(z); }},
      {ArcTan, [](WideComplex z) { return std::atan(z); }},
      {ArcTanh, [](WideComplex z) { return std::atanh(z); }},
      {Conjugate, [](WideComplex z) { return std::conj(z); }},
      {Cos, [](WideComplex z) { return std::cos(z); }},
      {Cosh, [](WideComplex z) { return std::cosh(z); }},
      {Exp, [](WideComplex z) { return std::exp(z); }},
      {Expm1,
       [](WideComplex z) {
         Wide s = std::sin(z.imag() / 2);
         return WideComplex(std::expm1(z.real()) * std::cos(z.imag()) - 2 * s * s,
                            std::exp(z.real()) * std::sin(z.imag()));
       }},
      {Log, [](WideComplex z) { return std::log(z); }},
      {Log10, [](WideComplex z) { return std::log10(z); }},
      {Log1p,
       [](WideComplex z) {
         Wide x = z.real(), y = z.imag();
         return WideComplex(std::log1p(x * (2 + x) + y * y) / 2, std::atan2(y, 1 + x));
       }},
      {Log2, [](WideComplex z) { return std::log(z) / std::log(Wide(2)); }},
      {Negative, [](WideComplex z) { return -z; }},
      {Reciprocal, [](WideComplex z) { return Wide(1) / z; }},
      {Round, [](WideComplex z) { return WideComplex(std::rint(z.real()), std::rint(z.imag())); }},
      {Rsqrt, [](WideComplex z) { return Wide(1) / std::sqrt(z); }},
      {Sigmoid, [](WideComplex z) { return Wide(1) / (Wide(1) + std::exp(-z)); }},
      {Sign, [](WideComplex z) { return z == Wide(0) ? z : z / std::abs(z); }},
      {Sin, [](WideComplex z) { return std::sin(z); }},
      {Sinh, [](WideComplex z) { return std::sinh(z); }},
      {Sqrt, [](WideComplex z) { return std::sqrt(z); }},
      {Square, [](WideComplex z) { return z * z; }},
      {Tan, [](WideComplex z) { return std::tan(z); }},
      {Tanh, [](WideComplex z) { return std::tanh(z); }},
  };
  for (float scale : {0.3f, 3.0f}) {
    auto z = samples(1000, 1, scale);
    for (auto& [op, reference] : operations) {
      auto result = apply<complex64_t>(op, z);
      double worst = 0;
      size_t at = 0;
      for (size_t i = 0; i < z.size(); ++i) {
        double off = ulps_off(result[i], reference(widen_complex(z[i])));
        if (!(off <= worst)) worst = off, at = i;
      }
      INFO(name(op), " at ", z[at].real(), ", ", z[at].imag());
      CHECK(worst <= 4);
    }
  }
}

TEST_CASE("elementwise kernels: complex parts and magnitude are real") {
  auto z = samples(300, 2, 5);
  auto magnitude = apply<float>(Abs, z), real = apply<float>(Real, z), imag = apply<float>(Imag, z);
  for (size_t i = 0; i < z.size(); ++i) {
    CHECK(elementwise_test::ulps_off(magnitude[i], std::abs(widen_complex(z[i]))) <= 1);
    CHECK(real[i] == z[i].real());
    CHECK(imag[i] == z[i].imag());
  }
  CHECK(apply<float>(Abs, Values<complex64_t>{complex64_t(3e38f, 1e38f)})[0] > 3.1e38f);
}

TEST_CASE("elementwise kernels: complex arithmetic") {
  const std::pair<ElementwiseOp, std::function<WideComplex(WideComplex, WideComplex)>>
      operations[] = {
          {Add, [](WideComplex a, WideComplex b) { return a + b; }},
          {Subtract, [](WideComplex a, WideComplex b) { return a - b; }},
          {Multiply, [](WideComplex a, WideComplex b) { return a * b; }},
          {Divide, [](WideComplex a, WideComplex b) { return a / b; }},
          {Power, [](WideComplex a, WideComplex b) { return std::exp(b * std::log(a)); }},
          {LogAddExp,
           [](WideComplex a, WideComplex b) { return std::log(std::exp(a) + std::exp(b)); }},
      };
  auto a = samples(1000, 3, 1.5f), b = samples(1000, 4, 1.5f);
  for (size_t i = 0; i < a.size(); i += 7) b[i] = complex64_t(float(i / 7 % 9) - 4, 0.0f);
  for (auto& [op, reference] : operations) {
    auto c = apply<complex64_t>(op, a, b);
    double worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      // Complex logarithms differ by whole turns.
      if (op == LogAddExp && std::abs(a[i].imag() - b[i].imag()) > 1) continue;
      auto expected = reference(widen_complex(a[i]), widen_complex(b[i]));
      if (op == LogAddExp) {
        Wide turns =
            std::rint((Wide(c[i].imag()) - expected.imag()) / (2 * 3.14159265358979323846L));
        expected += WideComplex(0, turns * 2 * 3.14159265358979323846L);
        if (std::abs(expected) < 0.5L) continue;
      }
      double off = ulps_off(c[i], expected);
      if (!(off <= worst)) worst = off, at = i;
    }
    INFO(name(op), " of ", a[at].real(), ", ", a[at].imag(), " and ", b[at].real(), ", ",
         b[at].imag(), " gave ", c[at].real(), ", ", c[at].imag());
    CHECK(worst <= 4);
  }
}

TEST_CASE("elementwise kernels: complex special values are NumPy's") {
  const float inf = INFINITY, nan = NAN;
  using C = complex64_t;
  auto binary = [](ElementwiseOp op, C a, C b) {
    return apply<C>(op, Values<C>{a}, Values<C>{b})[0];
  };
  CHECK(same(binary(Divide, C(1, 0), C(0, 0)), C(inf, nan)));
  CHECK(same(binary(Divide, C(0, 0), C(0, 0)), C(nan, nan)));
  CHECK(same(binary(Divide, C(1, 1), C(inf, 0)), C(0, 0)));
  // No overflow or underflow on the way.
  CHECK(same(binary(Divide, C(3e38f, 3e38f), C(3e38f, 3e38f)), C(1, 0)));
  CHECK(same(binary(Divide, C(1e-44f, 0), C(1e-44f, 0)), C(1, 0)));
  CHECK(same(binary(Multiply, C(inf, 0), C(1, 0)), C(inf, nan)));
  CHECK(same(binary(Power, C(0, 0), C(0, 0)), C(1, 0)));
  CHECK(same(binary(Power, C(0, 0), C(2, 0)), C(0, 0)));
  CHECK(std::isnan(binary(Power, C(0, 0), C(-1, 0)).real()));
  CHECK(same(binary(Power, C(0, 2), C(2, 0)), C(-4, 0)));
  CHECK(same(binary(Power, C(2, 0), C(-2, 0)), C(0.25f, 0)));
  CHECK(same(binary(Maximum, C(1, 5), C(1, 7)), C(1, 7)));
  CHECK(same(binary(Maximum, C(2, 0), C(1, 7)), C(2, 0)));
  CHECK(same(binary(Minimum, C(2, 0), C(1, 7)), C(1, 7)));
  CHECK(std::isnan(binary(Maximum, C(2, 0), C(1, nan)).imag()));
  CHECK(std::isnan(binary(Minimum, C(nan, 0), C(1, 2)).real()));
  CHECK(same(apply<C>(Sigmoid, Values<C>{C(-200, 0)})[0], C(0, 0)));
  CHECK(same(apply<C>(Sigmoid, Values<C>{C(200, 0)})[0], C(1, 0)));
  CHECK(same(apply<C>(Expm1, Values<C>{C(1000, 0)})[0], C(inf, 0)));
  CHECK(same(apply<C>(Sign, Values<C>{C(3e38f, 0)})[0], C(1, 0)));
}

TEST_CASE("elementwise kernels: complex comparisons go by the real part first") {
  using C = complex64_t;
  const float values[] = {-1, 0, 2, NAN};
  auto compare = [](ElementwiseOp op, C a, C b) {
    return apply<bool>(op, Values<C>{a}, Values<C>{b})[0];
  };
  for (float a : values)
    for (float b : values)
      for (float c : values)
        for (float d : values) {
          C x(a, b), y(c, d);
          bool has_nan = a != a || b != b || c != c || d != d;
          bool less = !has_nan && (a < c || (a == c && b < d)), equal = a == c && b == d;
          bool both_nan = (a != a || b != b) && (c != c || d != d);
          CHECK(compare(Less, x, y) == less);
          CHECK(compare(LessEqual, x, y) == (less || equal));
          CHECK(compare(Greater, x, y) == (!has_nan && !less && !equal));
          CHECK(compare(GreaterEqual, x, y) == (!has_nan && !less));
          CHECK(compare(Equal, x, y) == equal);
          CHECK(compare(NotEqual, x, y) == !equal);
          CHECK(compare(NaNEqual, x, y) == (equal || both_nan));
          bool left = a != 0 || b != 0, right = c != 0 || d != 0;
          CHECK(compare(LogicalAnd, x, y) == (left && right));
          CHECK(compare(LogicalOr, x, y) == (left || right));
          CHECK(apply<bool>(LogicalNot, Values<C>{x})[0] == !left);
        }
}

}  // namespace
}  // namespace elementwise_test
