// Powers, remainders and floor division of float32. The CPU (cpu/elementwise/power-inl.h) has
// float64 inside; here two float32 stand for one number (T. J. Dekker, 1971). Remainders and
// quotients are exact, powers within 2 ulp.
#include "gpu/kernels/logarithm.h"

/// x^y for positive finite x and finite y: 2^(y log2(x)).
inline float positive_power(float x, float y) {
  float exponent;
  float m = split_exponent(x, exponent);
  // log2(m) = 2 / ln(2) atanh(s) with s = (m - 1) / (m + 1), in two parts.
  float numerator = m - 1.0f, denominator = m + 1.0f;
  float denominator_low = m - (denominator - 1.0f);
  float s = numerator / denominator;
  float s_low = fma(-s, denominator_low, fma(-s, denominator, numerator)) / denominator;
  float square = s * s;
  float p = 0.28288502340820642f;
  p = fma(p, square, 0.31990680380695479f);
  p = fma(p, square, 0.41220922406110608f);
  p = fma(p, square, 0.57707794266030445f);
  p = fma(p, square, 0.96179669411226483f);
  const float two_over_ln2 = 0x1.715476p+1f, two_over_ln2_low = 0x1.4ae0cp-25f;
  float log = s * two_over_ln2;
  float log_low = fma(s, two_over_ln2, -log);
  log_low = fma(s, two_over_ln2_low, fma(s_low, two_over_ln2, log_low));
  log_low = fma(p * square, s, log_low);
  // The exponent is 0 or larger than the logarithm, so that the sum loses nothing.
  float sum = exponent + log;
  float sum_low = exponent == 0.0f ? log_low : (log - (sum - exponent)) + log_low;
  float power = y * sum;
  float power_low = fma(y, sum_low, fma(y, sum, -power));
  // Past these bounds the result is 0 or infinity.
  if (!(fabs(power) < 200.0f)) {
    power = power > 0.0f ? 200.0f : -200.0f;
    power_low = 0.0f;
  }
  int n;
  float f = (power - round_by_sum(power + 12582912.0f, n)) + power_low;
  // 2^f: the series of e^(f ln(2)), 2^-28 from the end.
  float e = 1.5252733804e-5f;
  e = fma(e, f, 1.5403530393e-4f);
  e = fma(e, f, 1.3333558146e-3f);
  e = fma(e, f, 9.6181291076e-3f);
  e = fma(e, f, 5.5504108664e-2f);
  e = fma(e, f, 0.24022650695f);
  e = fma(e, f, 0.69314718055f);
  e = fma(e, f, 1.0f);
  int third = n / 3;
  return e * power_of_two(third) * power_of_two(third) * power_of_two(n - 2 * third);
}

/// C's pow, with all its ends.
inline float Power(float x, float y) {
  if (y == 0.0f || x == 1.0f) return 1.0f;
  if (is_nan(x) || is_nan(y)) return NAN;
  float a = fabs(x);
  if (!is_bounded(y)) return a == 1.0f ? 1.0f : (a > 1.0f) == (y > 0.0f) ? INFINITY : 0.0f;
  bool is_whole = floor(y) == y;
  bool is_odd = is_whole && floor(y * 0.5f) != y * 0.5f;
  float result;
  if (a == 0.0f || !is_bounded(a))
    result = (a == 0.0f) == (y > 0.0f) ? 0.0f : INFINITY;
  else if (x < 0.0f && !is_whole)
    return NAN;
  else
    result = positive_power(a, y);
  return is_odd ? copysign(result, x) : result;
}

/// floor(log2(x)) of a positive finite x.
inline int exponent_of(float x) {
  bool subnormal = x < 0x1p-126f;
  uint bits = as_type<uint>(subnormal ? x * 0x1p24f : x);
  return int(bits >> 23) - (subnormal ? 151 : 127);
}

/// C's fmod of |x| and |y|, both finite and y not 0; exact. `quotient` gets the whole quotient
/// modulo 2^32. Each step takes the leading 22 bits off a long division: their product with y and
/// the difference from x are exact.
inline float divide_out(float x, float y, thread uint& quotient) {
  float a = fabs(x), b = fabs(y);
  quotient = 0;
  while (a >= b) {
    int steps = exponent_of(a) - exponent_of(b) - 22;
    steps = steps > 0 ? steps : 0;
    float scaled = b * power_of_two(steps >> 1) * power_of_two(steps - (steps >> 1));
    float q = trunc(a / scaled);
    float rest = fma(-q, scaled, a);
    // A quotient that was rounded up is one too large.
    if (rest < 0.0f) {
      rest += scaled;
      q -= 1.0f;
    }
    quotient += steps < 32 ? uint(q) << steps : 0u;
    a = rest;
  }
  return a;
}

/// The remainder has the divisor's sign, as in Python; so has a zero.
inline float Remainder(float x, float y) {
  if (!is_bounded(x) || y == 0.0f || is_nan(y)) return NAN;
  uint quotient;
  float rest = is_bounded(y) ? copysign(divide_out(x, y, quotient), x) : x;
  if (rest == 0.0f) return copysign(0.0f, y);
  return (rest < 0.0f) != (y < 0.0f) ? rest + y : rest;
}

inline float FloorDivide(float x, float y) {
  if (y == 0.0f) return x / y;
  if (!is_bounded(x) || is_nan(y)) return NAN;
  uint whole = 0;
  float rest = is_bounded(y) ? copysign(divide_out(x, y, whole), x) : x;
  bool is_below = rest != 0.0f && (rest < 0.0f) != (y < 0.0f);
  float quotient = fabs(x / y);
  if (quotient < 0x1p26f && is_bounded(y)) {
    bool is_negative = (x < 0.0f) != (y < 0.0f);
    if (is_below) ++whole;
    if (whole == 0) return copysign(0.0f, x / y);
    return is_negative ? -float(whole) : float(whole);
  }
  // Dividing what is a multiple of y: the quotient of x and y itself may round up.
  float q = (x - rest) / y;
  if (is_below) q -= 1.0f;
  if (q == 0.0f) return copysign(0.0f, x / y);
  float floored = floor(q);
  return q - floored > 0.5f ? floored + 1.0f : floored;
}
