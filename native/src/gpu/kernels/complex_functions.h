// Functions of complex64, of float32 functions: a few roundings from the exact value, relative to
// its magnitude. Inverse functions follow W. Kahan, "Branch cuts for complex elementary functions",
// 1987.
#include "gpu/kernels/complex.h"
#include "gpu/kernels/logarithm.h"
#include "gpu/kernels/trigonometric.h"

inline complex64 Reciprocal(complex64 a) { return Divide(make_complex(1.0f, 0.0f), a); }

inline float Abs(complex64 a) {
  float x = fabs(a.re), y = fabs(a.im);
  if (x == INFINITY || y == INFINITY) return INFINITY;
  float larger = x > y ? x : y;
  if (larger == 0.0f || is_nan(a)) return x + y;
  float scale = scale_to_one(larger);
  x *= scale;
  y *= scale;
  return sqrt(fma(x, x, y * y)) / scale;
}

inline complex64 Sign(complex64 a) {
  if (!is_nonzero(a)) return make_complex(0.0f, 0.0f);
  float scale = scale_to_one(fabs(a.re) > fabs(a.im) ? fabs(a.re) : fabs(a.im));
  complex64 near_one = scaled(a, scale);
  float magnitude = Abs(near_one);
  return make_complex(near_one.re / magnitude, near_one.im / magnitude);
}

inline complex64 Exp(complex64 a) {
  if (a.im == 0.0f) return make_complex(Exp(a.re), a.im);
  if (!is_bounded(a.im)) {
    if (a.re == -INFINITY) return make_complex(0.0f, 0.0f);
    return make_complex(a.re == INFINITY ? INFINITY : NAN, NAN);
  }
  float cosine = Cos(a.im), sine = Sin(a.im);
  // Half of the exponent at a time: the product with a small cosine may exist.
  if (a.re > 88.0f && is_bounded(a.re)) {
    float root = Exp(a.re * 0.5f);
    return make_complex(root * cosine * root, root * sine * root);
  }
  float e = Exp(a.re);
  return make_complex(e * cosine, e * sine);
}

inline complex64 Expm1(complex64 a) {
  if (!is_bounded(a.re) || !is_bounded(a.im)) return Subtract(Exp(a), make_complex(1.0f, 0.0f));
  // e^x cos y - 1 = expm1(x) cos y - 2 sin^2(y / 2).
  float s = Sin(0.5f * a.im);
  complex64 e = Exp(a);
  float re = difference_of_products(Expm1(a.re), Cos(a.im), 2.0f * s, s);
  return make_complex(a.re > 80.0f ? e.re : re, e.im);
}

/// x + y, and what rounding took from it.
inline float exact_sum(float x, float y, thread float& rest) {
  float sum = x + y, back = sum - x;
  rest = (x - (sum - back)) + (y - back);
  return sum;
}

/// log(x^2 + y^2) / 2, given x^2 + y^2 - 1 as a sum of a larger and a smaller part.
inline float half_log_of_norm(float larger, float smaller) {
  return 0.5f * Log1p(larger + smaller);
}

inline float log_of_magnitude(complex64 a) {
  float x = fabs(a.re), y = fabs(a.im);
  if (x == INFINITY || y == INFINITY) return INFINITY;
  if (x < y) {
    float swapped = x;
    x = y;
    y = swapped;
  }
  if (x >= 0.5f && x < 2.0f) {
    // Close to 1 the norm less 1 is needed, from products that lost nothing.
    float square = x * x, other = y * y, rest;
    float difference = exact_sum(square - 1.0f, other, rest);
    return half_log_of_norm(difference, rest + fma(x, x, -square) + fma(y, y, -other));
  }
  float ratio = x == 0.0f ? 0.0f : y / x;
  return Log(x) + 0.5f * Log1p(ratio * ratio);
}

inline complex64 Log(complex64 a) { return make_complex(log_of_magnitude(a), ArcTan2(a.im, a.re)); }
inline complex64 Log2(complex64 a) { return scaled(Log(a), 0x1.715476p+0f); }
inline complex64 Log10(complex64 a) { return scaled(Log(a), 0x1.bcb7b2p-2f); }

inline complex64 Log1p(complex64 a) {
  if (!(fabs(a.re) < 0.5f && fabs(a.im) < 0.5f)) return Log(make_complex(1.0f + a.re, a.im));
  // |1 + a|^2 - 1 = 2 x + x^2 + y^2.
  float square = a.re * a.re, other = a.im * a.im, rest, more;
  float norm = exact_sum(exact_sum(a.re + a.re, square, rest), other, more);
  float lost = fma(a.re, a.re, -square) + fma(a.im, a.im, -other);
  return make_complex(half_log_of_norm(norm, rest + more + lost), ArcTan2(a.im, 1.0f + a.re));
}

inline complex64 LogAddExp(complex64 a, complex64 b) {
  bool first_is_less = !is_nan(a) && (is_nan(b) || is_less(a, b));
  complex64 high = first_is_less ? b : a, low = first_is_less ? a : b;
  // Nothing to add, and equal infinities have no difference.
  if (fabs(low.re) == INFINITY && (low.re < 0.0f || low.re == high.re)) return high;
  return Add(high, Log1p(Exp(Subtract(low, high))));
}

inline complex64 Sqrt(complex64 a) {
  if (fabs(a.im) == INFINITY) return make_complex(INFINITY, a.im);
  if (!is_nonzero(a)) return make_complex(0.0f, a.im);
  float x = fabs(a.re), y = fabs(a.im);
  // Scaled by a power of 4, so that the root is scaled by one of 2.
  float larger = x > y ? x : y, scale = 1.0f, root_scale = 1.0f;
  if (larger > 0x1p124f) {
    scale = 0.0625f;
    root_scale = 4.0f;
  } else if (larger < 0x1p-80f) {
    scale = 0x1p60f;
    root_scale = 0x1p-30f;
  }
  x *= scale;
  y *= scale;
  float root = sqrt(0.5f * (x + Abs(make_complex(x, y))));
  float other = y == 0.0f ? 0.0f : y / (root + root);
  root *= root_scale;
  other *= root_scale;
  if (a.re >= 0.0f) return make_complex(root, copysign(other, a.im));
  return make_complex(other, copysign(root, a.im));
}
inline complex64 Rsqrt(complex64 a) { return Reciprocal(Sqrt(a)); }

inline complex64 Sigmoid(complex64 a) {
  complex64 one = make_complex(1.0f, 0.0f);
  // The exponential of the half plane where it does not overflow.
  if (a.re < 0.0f) {
    complex64 e = Exp(a);
    return Divide(e, Add(one, e));
  }
  return Reciprocal(Add(one, Exp(make_complex(-a.re, -a.im))));
}

inline complex64 Sinh(complex64 a) {
  if (a.im == 0.0f) return make_complex(Sinh(a.re), a.im);
  return make_complex(Sinh(a.re) * Cos(a.im), Cosh(a.re) * Sin(a.im));
}
inline complex64 Cosh(complex64 a) {
  float sine = Sin(a.im);
  float im = a.im == 0.0f || a.re == 0.0f ? a.re * sine : Sinh(a.re) * sine;
  return make_complex(Cosh(a.re) * Cos(a.im), im);
}
inline complex64 Sin(complex64 a) {
  complex64 turned = Sinh(make_complex(-a.im, a.re));
  return make_complex(turned.im, -turned.re);
}
inline complex64 Cos(complex64 a) { return Cosh(make_complex(-a.im, a.re)); }

inline complex64 Tanh(complex64 a) {
  if (a.im == 0.0f) return make_complex(Tanh(a.re), a.im);
  if (fabs(a.re) > 11.0f) {
    float sine = is_bounded(a.im) ? Sin(a.im) * Cos(a.im) : 0.0f;
    float e = Exp(-fabs(a.re));
    return make_complex(copysign(1.0f, a.re), 4.0f * sine * e * e);
  }
  float tangent = Tan(a.im), beta = fma(tangent, tangent, 1.0f);
  float sine = Sinh(a.re), cosine = sqrt(fma(sine, sine, 1.0f));
  if (tangent * tangent == INFINITY) return make_complex(cosine / sine, 1.0f / tangent);
  float denominator = fma(beta * sine, sine, 1.0f);
  return make_complex(beta * cosine * sine / denominator, tangent / denominator);
}
inline complex64 Tan(complex64 a) {
  complex64 turned = Tanh(make_complex(-a.im, a.re));
  return make_complex(turned.im, -turned.re);
}

inline complex64 ArcTanh(complex64 a) {
  float x = fabs(a.re), y = fabs(a.im);
  if (x > 0x1p60f || y > 0x1p60f) {
    float re = is_bounded(x) && is_bounded(y) ? Reciprocal(a).re : 0.0f;
    return make_complex(copysign(re, a.re), copysign(0x1.921fb6p+0f, a.im));
  }
  float gap = 1.0f - x;
  float re = 0.25f * Log1p(4.0f * x / fma(gap, gap, y * y));
  float im = 0.5f * ArcTan2(y + y, difference_of_products(gap, 1.0f + x, y, y));
  return make_complex(copysign(re, a.re), copysign(im, a.im));
}
inline complex64 ArcTan(complex64 a) {
  complex64 turned = ArcTanh(make_complex(-a.im, a.re));
  return make_complex(turned.im, -turned.re);
}

/// So far out, or infinite, that 1 is nothing beside it; there the formulas below would overflow.
inline bool is_far(complex64 a) { return fabs(a.re) > 0x1p60f || fabs(a.im) > 0x1p60f; }
/// log(2 |a|).
inline float far_logarithm(complex64 a) { return Log(Abs(scaled(a, 0.25f))) + 0x1.0a2b24p+1f; }

inline complex64 ArcSin(complex64 a) {
  if (is_far(a))
    return make_complex(copysign(ArcTan2(fabs(a.re), fabs(a.im)), a.re),
                        copysign(far_logarithm(a), a.im));
  complex64 below = Sqrt(make_complex(1.0f - a.re, -a.im));
  complex64 above = Sqrt(make_complex(1.0f + a.re, a.im));
  float re = ArcTan2(a.re, difference_of_products(below.re, above.re, below.im, above.im));
  float im = ArcSinh(difference_of_products(below.re, above.im, below.im, above.re));
  return make_complex(a.re == 0.0f ? a.re : re, copysign(im, a.im));
}
inline complex64 ArcSinh(complex64 a) {
  complex64 turned = ArcSin(make_complex(-a.im, a.re));
  return make_complex(turned.im, -turned.re);
}
inline complex64 ArcCos(complex64 a) {
  if (is_far(a)) return make_complex(ArcTan2(fabs(a.im), a.re), copysign(far_logarithm(a), -a.im));
  complex64 below = Sqrt(make_complex(1.0f - a.re, -a.im));
  complex64 above = Sqrt(make_complex(1.0f + a.re, a.im));
  float re = a.re == 0.0f ? 0x1.921fb6p+0f : 2.0f * ArcTan2(below.re, above.re);
  float im = ArcSinh(difference_of_products(above.re, below.im, above.im, below.re));
  return make_complex(re, copysign(im, -a.im));
}
inline complex64 ArcCosh(complex64 a) {
  if (is_far(a)) return make_complex(far_logarithm(a), ArcTan2(a.im, a.re));
  complex64 below = Sqrt(make_complex(a.re - 1.0f, a.im));
  complex64 above = Sqrt(make_complex(a.re + 1.0f, a.im));
  float re = ArcSinh(difference_of_products(below.re, above.re, -below.im, above.im));
  float im = a.re == 0.0f ? 0x1.921fb6p+0f : 2.0f * ArcTan2(fabs(below.im), above.re);
  return make_complex(re, copysign(im, a.im));
}

inline complex64 Power(complex64 base, complex64 exponent) {
  if (!is_nonzero(exponent)) return make_complex(1.0f, 0.0f);
  if (!is_nonzero(base)) {
    if (exponent.re > 0.0f && exponent.im == 0.0f) return make_complex(0.0f, 0.0f);
    return make_complex(NAN, NAN);
  }
  // Small integers by multiplication, so that they are exact where the results are.
  if (exponent.im == 0.0f && fabs(exponent.re) < 100.0f && exponent.re == trunc(exponent.re)) {
    complex64 result = make_complex(1.0f, 0.0f), factor = base;
    for (uint n = uint(fabs(exponent.re)); n != 0; n >>= 1) {
      if (n & 1) result = Multiply(result, factor);
      if (n > 1) factor = Multiply(factor, factor);
    }
    return exponent.re < 0.0f ? Reciprocal(result) : result;
  }
  return Exp(Multiply(exponent, Log(base)));
}
