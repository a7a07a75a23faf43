#include <complex>

#include "cpu/elementwise/kernel.h"
#include "mlx/types.h"

namespace mlx::core {
namespace {

using Complex = std::complex<float>;

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

/// NumPy's order: by the real part, then by the imaginary part.
bool less(Complex a, Complex b) {
  return a.real() < b.real() || (a.real() == b.real() && a.imag() < b.imag());
}

Complex maximum(Complex a, Complex b) { return is_nan(a) || (!is_nan(b) && less(b, a)) ? a : b; }
Complex minimum(Complex a, Complex b) { return is_nan(a) || (!is_nan(b) && less(a, b)) ? a : b; }

Complex sign(Complex a) {
  float magnitude = std::abs(a);
  return magnitude == 0 ? Complex(0) : a / magnitude;
}

Complex log1p(Complex a) {
  // |1 + a|^2 - 1 without cancellation.
  float x = a.real(), y = a.imag();
  if (std::abs(x) < 0.5f && std::abs(y) < 0.5f)
    return {0.5f * std::log1p(x * (2 + x) + y * y), std::atan2(y, 1 + x)};
  return std::log(1.0f + a);
}

Complex expm1(Complex a) {
  // e^x cos y - 1 = expm1(x) cos y - 2 sin^2(y / 2)
  float x = a.real(), y = a.imag(), s = std::sin(0.5f * y);
  return {std::expm1(x) * std::cos(y) - 2 * s * s, std::exp(x) * std::sin(y)};
}

Complex log_add_exp(Complex a, Complex b) {
  Complex high = maximum(a, b), low = minimum(a, b);
  if (std::isinf(high.real()) && low.real() == high.real()) return high;
  return high + log1p(std::exp(low - high));
}

}  // namespace

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
      return unary<[](Complex a) { return std::log10(a); }>;
    case Log1p:
      return unary<log1p>;
    case Log2:
      return unary<[](Complex a) { return std::log(a) * 1.44269504f; }>;
    case LogicalNot:
      return unary<[](Complex a) { return a == Complex(0); }, bool>;
    case Negative:
      return unary<[](Complex a) { return -a; }>;
    case Real:
      return unary<[](Complex a) { return a.real(); }, float>;
    case Reciprocal:
      return unary<[](Complex a) { return 1.0f / a; }>;
    case Rsqrt:
      return unary<[](Complex a) { return 1.0f / std::sqrt(a); }>;
    case Sigmoid:
      return unary<[](Complex a) { return 1.0f / (1.0f + std::exp(-a)); }>;
    case Sign:
      return unary<sign>;
    case Sin:
      return unary<[](Complex a) { return std::sin(a); }>;
    case Sinh:
      return unary<[](Complex a) { return std::sinh(a); }>;
    case Sqrt:
      return unary<[](Complex a) { return std::sqrt(a); }>;
    case Square:
      return unary<[](Complex a) { return a * a; }>;
    case Tan:
      return unary<[](Complex a) { return std::tan(a); }>;
    case Tanh:
      return unary<[](Complex a) { return std::tanh(a); }>;
    case Add:
      return binary<[](Complex a, Complex b) { return a + b; }>;
    case Divide:
      return binary<[](Complex a, Complex b) { return a / b; }>;
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
      return binary<[](Complex a, Complex b) { return a * b; }>;
    case NaNEqual:
      return binary<[](Complex a, Complex b) { return a == b || (is_nan(a) && is_nan(b)); }, bool>;
    case NotEqual:
      return binary<[](Complex a, Complex b) { return a != b; }, bool>;
    case Power:
      return binary<[](Complex a, Complex b) { return std::pow(a, b); }>;
    case Subtract:
      return binary<[](Complex a, Complex b) { return a - b; }>;
    default:
      return nullptr;
  }
}

}  // namespace mlx::core
