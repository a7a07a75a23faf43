#include <cmath>
#include <complex>
#include <limits>

#include "cpu/elementwise/complex_log_add_exp.h"
#include "cpu/elementwise/kernel.h"
#include "mlx/types.h"

namespace mlx::core::cpu {
namespace {

using Complex = std::complex<float>;
using WideComplex = std::complex<double>;

template <auto function, typename R = complex64_t>
void unary(const void* a, const void*, const void*, void* out, size_t n) {
  auto* x = static_cast<const complex64_t*>(a);
  auto* y = static_cast<R*>(out);
  for (size_t i = 0; i < n; ++i) y[i] = R(function(Complex(x[i])));
}

template <auto function, typename R = complex64_t>
void binary(const void* a, const void* b, const void*, void* out, size_t n) {
  auto* x = static_cast<const complex64_t*>(a);
  auto* y = static_cast<const complex64_t*>(b);
  auto* z = static_cast<R*>(out);
  for (size_t i = 0; i < n; ++i) z[i] = R(function(Complex(x[i]), Complex(y[i])));
}

bool is_nan(Complex a) { return std::isnan(a.real()) || std::isnan(a.imag()); }

/// NumPy's order: by the real part, then by the imaginary part; NaN in either is not ordered.
bool less(Complex a, Complex b) {
  if (std::isnan(a.imag()) || std::isnan(b.imag())) return false;
  return a.real() < b.real() || (a.real() == b.real() && a.imag() < b.imag());
}

Complex maximum(Complex a, Complex b) { return is_nan(a) || (!is_nan(b) && less(b, a)) ? a : b; }
Complex minimum(Complex a, Complex b) { return is_nan(a) || (!is_nan(b) && less(a, b)) ? a : b; }

// The textbook's product, as in NumPy: the C++ operator also repairs products of infinities, at
// several times the cost.
template <typename T>
std::complex<T> multiply(std::complex<T> a, std::complex<T> b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// R. L. Smith's method, as in NumPy, in float64: no intermediate result overflows or underflows.
WideComplex divide_wide(WideComplex a, WideComplex b) {
  double real = std::abs(b.real()), imaginary = std::abs(b.imag());
  if (real == 0 && imaginary == 0) return {a.real() / real, a.imag() / imaginary};
  if (real >= imaginary) {
    double ratio = b.imag() / b.real(), scale = b.real() + b.imag() * ratio;
    return {(a.real() + a.imag() * ratio) / scale, (a.imag() - a.real() * ratio) / scale};
  }
  double ratio = b.real() / b.imag(), scale = b.imag() + b.real() * ratio;
  return {(a.real() * ratio + a.imag()) / scale, (a.imag() * ratio - a.real()) / scale};
}

Complex divide(Complex a, Complex b) { return Complex(divide_wide(a, b)); }

Complex sign(Complex a) {
  double magnitude = std::abs(WideComplex(a));
  return magnitude == 0 ? Complex(0) : Complex(WideComplex(a) / magnitude);
}

Complex log_to_base(Complex a, double scale) { return Complex(std::log(WideComplex(a)) * scale); }

Complex log1p(Complex a) {
  // |1 + a|^2 - 1 = x (2 + x) + y^2, where float64 has room for the products.
  double x = a.real(), y = a.imag();
  if (std::abs(x) < 0.5 && std::abs(y) < 0.5)
    return {float(0.5 * std::log1p(x * (2 + x) + y * y)), float(std::atan2(y, 1 + x))};
  return Complex(std::log(WideComplex(1 + x, y)));
}

Complex expm1(Complex a) {
  // e^x cos y - 1 = expm1(x) cos y - 2 sin^2(y / 2); infinities as the exponential has them.
  if (!std::isfinite(a.real()) || !std::isfinite(a.imag())) return std::exp(a) - 1.0f;
  double x = a.real(), y = a.imag(), s = std::sin(0.5 * y);
  double imaginary = y == 0 ? y : std::exp(x) * std::sin(y);
  return {float(std::expm1(x) * std::cos(y) - 2 * s * s), float(imaginary)};
}

Complex sigmoid(Complex a) {
  // The exponential of the half plane where it does not overflow.
  if (a.real() < 0) {
    WideComplex e = std::exp(WideComplex(a));
    return Complex(divide_wide(e, 1.0 + e));
  }
  return Complex(divide_wide(1, 1.0 + std::exp(-WideComplex(a))));
}

Complex power(Complex base, Complex exponent) {
  if (exponent == Complex(0)) return 1;
  if (base == Complex(0)) {
    if (exponent.real() > 0 && exponent.imag() == 0) return 0;
    return {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::quiet_NaN()};
  }
  // Small integers by multiplication, so that they are exact where the results are.
  if (exponent.imag() == 0 && std::abs(exponent.real()) < 100 &&
      exponent.real() == std::trunc(exponent.real())) {
    WideComplex result = 1, factor = base;
    for (unsigned n = unsigned(std::abs(exponent.real())); n != 0; n >>= 1) {
      if (n & 1) result = multiply(result, factor);
      factor = multiply(factor, factor);
    }
    return Complex(exponent.real() < 0 ? divide_wide(1, result) : result);
  }
  return Complex(std::exp(multiply(WideComplex(exponent), std::log(WideComplex(base)))));
}

}  // namespace

Complex log_add_exp(Complex a, Complex b) {
  Complex high = maximum(a, b), low = minimum(a, b);
  // Nothing to add, and equal infinities have no difference.
  if (std::isinf(low.real()) && (low.real() < 0 || low.real() == high.real())) return high;
  return high + log1p(std::exp(low - high));
}

ElementwiseKernel find_complex_kernel(ElementwiseOp op) {
  using enum ElementwiseOp;
  switch (op) {
    case Abs:
      return unary<[](Complex a) { return std::abs(a); }, float>;
    case ArcCos:
      return unary<[](Complex a) { return std::acos(a); }>;
    case ArcCosh:
      return unary<[](Complex a) { return std::acosh(a); }>;
    case ArcSin:
      return unary<[](Complex a) { return std::asin(a); }>;
    case ArcSinh:
      return unary<[](Complex a) { return std::asinh(a); }>;
    case ArcTan:
      return unary<[](Complex a) { return std::atan(a); }>;
    case ArcTanh:
      return unary<[](Complex a) { return std::atanh(a); }>;
    case Conjugate:
      return unary<[](Complex a) { return std::conj(a); }>;
    case Cos:
      return unary<[](Complex a) { return std::cos(a); }>;
    case Cosh:
      return unary<[](Complex a) { return std::cosh(a); }>;
    case Exp:
      return unary<[](Complex a) { return std::exp(a); }>;
    case Expm1:
      return unary<expm1>;
    case Imag:
      return unary<[](Complex a) { return a.imag(); }, float>;
    case Log:
      return unary<[](Complex a) { return std::log(a); }>;
    case Log10:
      return unary<[](Complex a) { return log_to_base(a, 0.43429448190325182765); }>;
    case Log1p:
      return unary<log1p>;
    case Log2:
      return unary<[](Complex a) { return log_to_base(a, 1.44269504088896340736); }>;
    case LogicalNot:
      return unary<[](Complex a) { return a == Complex(0); }, bool>;
    case Negative:
      return unary<[](Complex a) { return -a; }>;
    case Real:
      return unary<[](Complex a) { return a.real(); }, float>;
    case Reciprocal:
      return unary<[](Complex a) { return divide(1, a); }>;
    case Round:
      return unary<[](Complex a) { return Complex(std::rint(a.real()), std::rint(a.imag())); }>;
    case Rsqrt:
      return unary<[](Complex a) { return divide(1, std::sqrt(a)); }>;
    case Sigmoid:
      return unary<sigmoid>;
    case Sign:
      return unary<sign>;
    case Sin:
      return unary<[](Complex a) { return std::sin(a); }>;
    case Sinh:
      return unary<[](Complex a) { return std::sinh(a); }>;
    case Sqrt:
      return unary<[](Complex a) { return std::sqrt(a); }>;
    case Square:
      return unary<[](Complex a) { return multiply(a, a); }>;
    case Tan:
      return unary<[](Complex a) { return std::tan(a); }>;
    case Tanh:
      return unary<[](Complex a) { return std::tanh(a); }>;
    case Add:
      return binary<[](Complex a, Complex b) { return a + b; }>;
    case Divide:
      return binary<divide>;
    case Equal:
      return binary<[](Complex a, Complex b) { return a == b; }, bool>;
    case Greater:
      return binary<[](Complex a, Complex b) { return less(b, a); }, bool>;
    case GreaterEqual:
      return binary<[](Complex a, Complex b) { return less(b, a) || a == b; }, bool>;
    case Less:
      return binary<less, bool>;
    case LessEqual:
      return binary<[](Complex a, Complex b) { return less(a, b) || a == b; }, bool>;
    case LogAddExp:
      return binary<log_add_exp>;
    case LogicalAnd:
      return binary<[](Complex a, Complex b) { return a != Complex(0) && b != Complex(0); }, bool>;
    case LogicalOr:
      return binary<[](Complex a, Complex b) { return a != Complex(0) || b != Complex(0); }, bool>;
    case Maximum:
      return binary<maximum>;
    case Minimum:
      return binary<minimum>;
    case Multiply:
      return binary<multiply<float>>;
    case NaNEqual:
      return binary<[](Complex a, Complex b) { return a == b || (is_nan(a) && is_nan(b)); }, bool>;
    case NotEqual:
      return binary<[](Complex a, Complex b) { return a != b; }, bool>;
    case Power:
      return binary<power>;
    case Subtract:
      return binary<[](Complex a, Complex b) { return a - b; }>;
    default:
      return nullptr;
  }
}

}  // namespace mlx::core::cpu
