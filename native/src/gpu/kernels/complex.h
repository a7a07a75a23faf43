// complex64 in memory and its arithmetic. The order is NumPy's.
#include "gpu/kernels/exponential.h"

struct complex64 {
  float re, im;
};

inline complex64 make_complex(float re, float im) {
  complex64 z;
  z.re = re;
  z.im = im;
  return z;
}
inline bool is_nan(complex64 a) { return is_nan(a.re) || is_nan(a.im); }
inline bool is_less(complex64 a, complex64 b) {
  if (is_nan(a.im) || is_nan(b.im)) return false;
  return a.re < b.re || (a.re == b.re && a.im < b.im);
}
inline bool is_equal(complex64 a, complex64 b) { return a.re == b.re && a.im == b.im; }
inline bool is_nonzero(complex64 a) { return a.re != 0.0f || a.im != 0.0f; }

inline complex64 Add(complex64 a, complex64 b) { return make_complex(a.re + b.re, a.im + b.im); }
inline complex64 Subtract(complex64 a, complex64 b) {
  return make_complex(a.re - b.re, a.im - b.im);
}
/// The textbook's product, as in NumPy.
inline complex64 Multiply(complex64 a, complex64 b) {
  return make_complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
}
inline complex64 scaled(complex64 a, float factor) {
  return make_complex(a.re * factor, a.im * factor);
}

/// a b - c d with one rounding too many at most (W. Kahan): nothing cancels.
inline float difference_of_products(float a, float b, float c, float d) {
  float product = c * d;
  return fma(a, b, -product) + fma(-c, d, product);
}

/// A power of two that brings x close to 1, and its inverse exists too.
inline float scale_to_one(float x) {
  if (!(x > 0.0f) || !is_bounded(x)) return 1.0f;
  int exponent = int(as_type<uint>(x) >> 23) - 127;
  return power_of_two(exponent > 126 ? -126 : exponent < -126 ? 126 : -exponent);
}

inline complex64 Divide(complex64 a, complex64 b) {
  float real = fabs(b.re), imaginary = fabs(b.im);
  float larger = real > imaginary ? real : imaginary;
  if (larger == 0.0f) return make_complex(a.re / real, a.im / imaginary);
  if (is_bounded(larger) && is_bounded(a.re) && is_bounded(a.im)) {
    // By the conjugate, after both were scaled so that no product overflows.
    float above = fabs(a.re) > fabs(a.im) ? fabs(a.re) : fabs(a.im);
    float of_b = scale_to_one(larger), of_a = scale_to_one(above);
    complex64 x = scaled(a, of_a), y = scaled(b, of_b);
    float norm = difference_of_products(y.re, y.re, -y.im, y.im);
    float re = difference_of_products(x.re, y.re, -x.im, y.im) / norm;
    float im = difference_of_products(x.im, y.re, x.re, y.im) / norm;
    // The scales are undone in the order that keeps what is between in range.
    re = of_a > 1.0f ? re * of_b / of_a : re / of_a * of_b;
    im = of_a > 1.0f ? im * of_b / of_a : im / of_a * of_b;
    return make_complex(re, im);
  }
  // R. L. Smith's method, as in NumPy, for what infinities and NaN give.
  if (real >= imaginary) {
    float ratio = b.im / b.re, scale = b.re + b.im * ratio;
    return make_complex((a.re + a.im * ratio) / scale, (a.im - a.re * ratio) / scale);
  }
  float ratio = b.re / b.im, scale = b.im + b.re * ratio;
  return make_complex((a.re * ratio + a.im) / scale, (a.im * ratio - a.re) / scale);
}
