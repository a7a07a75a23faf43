// Logarithms and what is made of them in float32, within 3 ulp: the formulas of
// cpu/elementwise/logarithm-inl.h.
#include "gpu/kernels/exponential.h"

/// Splits a positive finite x into 2^exponent m with m in [sqrt(1/2), sqrt(2)).
inline float split_exponent(float x, thread float& exponent) {
  // Subnormals have no leading bit to find the exponent by until they are scaled up.
  bool subnormal = x < 0x1p-126f;
  if (subnormal) x *= 0x1p23f;
  uint bits = as_type<uint>(x) - 0x3f3504f3u;
  exponent = float(int(bits) >> 23);
  if (subnormal) exponent -= 23.0f;
  return as_type<float>((bits & 0x7fffffu) + 0x3f3504f3u);
}

/// log(1 + f) - f for f in [sqrt(1/2) - 1, sqrt(2) - 1].
inline float log_tail(float f) {
  float p = 0.069716114715f;
  p = fma(p, f, -0.11479733847f);
  p = fma(p, f, 0.11685419923f);
  p = fma(p, f, -0.12425687331f);
  p = fma(p, f, 0.14249057646f);
  p = fma(p, f, -0.16667802320f);
  p = fma(p, f, 0.20000715749f);
  p = fma(p, f, -0.24999996958f);
  p = fma(p, f, 0.33333331180f);
  float square = f * f;
  return fma(p * f, square, square * -0.5f);
}

/// The ends of every logarithm: -infinity at 0, NaN below, infinity at infinity.
inline float log_ends(float x, float result) {
  if (x > 0.0f && is_bounded(x)) return result;
  return x == 0.0f ? -INFINITY : x > 0.0f ? x : NAN;
}

/// log(2^exponent m), given tail = log(m) - (m - 1). ln(2) = high + low; multiples of the high part
/// up to 2^8 are exact.
inline float log_sum(float m, float exponent, float tail) {
  tail = fma(exponent, 0x1.7f7d1cp-20f, tail);
  float f = m - 1.0f;
  return fma(exponent, 0x1.62e4p-1f, f + tail);
}

inline float Log(float x) {
  float exponent;
  float m = split_exponent(x, exponent);
  return log_ends(x, log_sum(m, exponent, log_tail(m - 1.0f)));
}

/// The logarithm to another base: scale = 1 / ln(base), and log2 in that base in two parts.
inline float log_to_base(float x, float scale, float log2_high, float log2_low) {
  float exponent;
  float f = split_exponent(x, exponent) - 1.0f;
  float log = f + log_tail(f);
  float low = fma(exponent, log2_low, log * scale);
  return log_ends(x, fma(exponent, log2_high, low));
}
inline float Log2(float x) { return log_to_base(x, 0x1.715476p+0f, 1.0f, 0.0f); }
inline float Log10(float x) { return log_to_base(x, 0x1.bcb7b2p-2f, 0x1.344p-2f, 0x1.3509f8p-18f); }

/// log(1 + x) + doublings ln(2).
inline float scaled_log1p(float x, float doublings) {
  float sum = x + 1.0f;
  // What rounding took from the sum, relative to the sum.
  float lost = x - (sum - 1.0f);
  float exponent;
  float m = split_exponent(sum, exponent);
  float f = m - 1.0f;
  // Multiplied by 1 / (1 + f), roughly. Far from 1 the correction is nothing, and 2^-exponent need
  // not exist.
  float correction = 0.0f;
  if (sum < 0x1p60f) correction = (lost * power_of_two(-int(exponent))) * fma(f, f - 1.0f, 1.0f);
  return log_sum(m, exponent + doublings, log_tail(f) + correction);
}

inline float Log1p(float x) { return x == 0.0f ? x : log_ends(x + 1.0f, scaled_log1p(x, 0.0f)); }

inline float ArcSinh(float x) {
  float a = fabs(x);
  if (!is_bounded(a)) return x;
  // log(a + sqrt(a^2 + 1)), where a^2 does not overflow, or else log(2a).
  bool large = a > 0x1p30f;
  float square = a * a;
  float rest = a + square / (1.0f + sqrt(square + 1.0f));
  return copysign(scaled_log1p(large ? a : rest, large ? 1.0f : 0.0f), x);
}

inline float ArcCosh(float x) {
  if (!(x >= 1.0f)) return NAN;
  if (!is_bounded(x)) return x;
  float t = x - 1.0f;
  bool large = x > 0x1p30f;
  float rest = t + sqrt(fma(t, t, t + t));
  return scaled_log1p(large ? t : rest, large ? 1.0f : 0.0f);
}

inline float ArcTanh(float x) {
  float a = fabs(x);
  float result = a == 1.0f ? INFINITY : NAN;
  if (a < 1.0f) result = 0.5f * scaled_log1p((a + a) / (1.0f - a), 0.0f);
  return copysign(result, x);
}

/// log(e^x + e^y).
inline float LogAddExp(float x, float y) {
  float high = x > y || is_nan(x) ? x : y;
  // Two equal infinities have no difference.
  float difference = x != y ? -fabs(x - y) : 0.0f;
  float log = scaled_log1p(Exp(difference), 0.0f);
  return high + (is_nan(difference) ? difference : log);
}
