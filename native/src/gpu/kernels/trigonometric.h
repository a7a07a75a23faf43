// Trigonometric functions in float32, within 3 ulp: the formulas of
// cpu/elementwise/trigonometric-inl.h. Where the CPU reduces the argument in float64, which Metal
// does not have, two float32 stand for one number here.
#include "gpu/kernels/exponential.h"

/// x less a multiple of pi / 2 close to it for any finite x, with the multiple's number (mod 4): M.
/// Payne and R. Hanek, "Radian reduction for trigonometric functions", 1983. Of x times 2 / pi only
/// the bits around the point are computed.
inline float reduce_large_by_half_pi(float x, thread int& quarters) {
  const uint two_over_pi[9] = {0,           0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
                               0xdb629599u, 0x3c439041u, 0xfe5163abu, 0xdebbc561u};
  uint bits = as_type<uint>(x);
  ulong mantissa = (bits & 0x7fffffu) | 0x800000u;
  // x = mantissa 2^exponent; 2 / pi is needed from that many bits after the point on, less two for
  // the number of the quarter.
  int exponent = int((bits >> 23) & 0xffu) - 150;
  int first = exponent + 30;
  uint word = uint(first) >> 5, shift = uint(first) & 31u;
  uint window[3];
  for (uint i = 0; i < 3; ++i) {
    ulong two = ulong(two_over_pi[word + i]) << 32 | two_over_pi[word + i + 1];
    window[i] = uint(two << shift >> 32);
  }
  // The two words behind the point, with the quarters above them.
  ulong product =
      (mantissa * window[0] << 32) + mantissa * window[1] + (mantissa * window[2] >> 32);
  quarters = int(product >> 62);
  ulong fraction = product << 2;
  // To the nearest quarter.
  bool is_upper = (fraction >> 63) != 0;
  if (is_upper) {
    ++quarters;
    fraction = ~fraction + 1;
  }
  // Close to a multiple the fraction begins with zeros; its digits count from the first other bit.
  uint upper = uint(fraction >> 32);
  uint zeros = upper != 0 ? clz(upper) : 31;
  fraction <<= zeros;
  float high = float(fraction >> 40), low = float((fraction >> 16) & 0xffffffu) * 0x1p-24f;
  float angle = fma(high, 0x1.921fb6p+0f, fma(high, -0x1.777a5cp-25f, low * 0x1.921fb6p+0f));
  angle *= power_of_two(-24 - int(zeros));
  if (x < 0.0f) quarters = -quarters;
  return is_upper == (x < 0.0f) ? angle : -angle;
}

/// The same; up to 1.6e6 by Cody and Waite's method with pi / 2 in three parts.
inline float reduce_by_half_pi(float x, thread int& quarters) {
  if (!(fabs(x) <= 1.6e6f)) {
    quarters = 0;
    return is_bounded(x) ? reduce_large_by_half_pi(x, quarters) : NAN;
  }
  float q = round_by_sum(fma(x, 0x1.45f306p-1f, 12582912.0f), quarters);
  // The first difference is exact, the second one is kept as a sum of two.
  float r = fma(-q, 0x1.921fb6p+0f, x);
  float product = q * -0x1.777a5cp-25f, rest = fma(q, -0x1.777a5cp-25f, -product);
  float high = r - product, back = high - r;
  float low = (r - (high - back)) - (product + back);
  low -= rest;
  return high + fma(-q, -0x1.ee59dap-50f, low);
}

/// The sine a number of quarter turns ahead.
inline float sin_reduced(float r, int quarters) {
  float square = r * r, result;
  if (quarters & 1) {
    float p = -2.7231932036e-7f;
    p = fma(p, square, 2.4799995966e-5f);
    p = fma(p, square, -0.0013888886396f);
    p = fma(p, square, 0.041666666661f);
    result = fma(p, square * square, fma(-square, 0.5f, 1.0f));
  } else {
    float p = 2.7167239329e-6f;
    p = fma(p, square, -0.00019839362704f);
    p = fma(p, square, 0.0083333303457f);
    p = fma(p, square, -0.16666666659f);
    result = fma(p, square * r, r);
  }
  return quarters & 2 ? -result : result;
}

/// Both at once, with the same bits.
inline void sin_cos_reduced(float r, int quarters, thread float& sine, thread float& cosine) {
  const float a = sin_reduced(r, 0), b = sin_reduced(r, 1);
  const bool is_odd = (quarters & 1) != 0;
  const float s = is_odd ? b : a, c = is_odd ? a : b;
  sine = quarters & 2 ? -s : s;
  cosine = (quarters + 1) & 2 ? -c : c;
}

inline float Sin(float x) {
  int quarters;
  float r = reduce_by_half_pi(x, quarters);
  // The polynomial turns -0 into 0.
  return x == 0.0f ? x : sin_reduced(r, quarters);
}

inline float Cos(float x) {
  int quarters;
  float r = reduce_by_half_pi(x, quarters);
  return sin_reduced(r, quarters + 1);
}

inline float Tan(float x) {
  int quarters;
  float r = reduce_by_half_pi(x, quarters);
  float square = r * r, p = 0.0025311543725f;
  p = fma(p, square, -0.0016916173366f);
  p = fma(p, square, 0.0059369240018f);
  p = fma(p, square, 0.0079420236970f);
  p = fma(p, square, 0.022061004852f);
  p = fma(p, square, 0.053949017852f);
  p = fma(p, square, 0.13333406061f);
  p = fma(p, square, 0.33333332887f);
  float tangent = fma(p, square * r, r);
  return quarters & 1 ? -1.0f / tangent : tangent;
}

/// asin(|x|) for |x| <= 1/2, and beyond that asin(sqrt((1 - |x|) / 2)), which is half of what is
/// missing to pi / 2.
inline float arc_sin_reduced(float x, thread bool& is_large) {
  float a = fabs(x);
  is_large = a > 0.5f;
  float half_gap = fma(-a, 0.5f, 0.5f);
  float square = is_large ? half_gap : a * a, z = is_large ? sqrt(half_gap) : a;
  float p = 0.033690847203f;
  p = fma(p, square, 0.017149238358f);
  p = fma(p, square, 0.031100662736f);
  p = fma(p, square, 0.044599401529f);
  p = fma(p, square, 0.075000945435f);
  p = fma(p, square, 0.16666666337f);
  return fma(p, square * z, z);
}

// pi / 2 in two parts: 0x1.921fb6p+0 - 0x1.777a5cp-25.

inline float ArcSin(float x) {
  bool is_large;
  float angle = arc_sin_reduced(x, is_large);
  float complement = (0x1.921fb6p+0f - (angle + angle)) + -0x1.777a5cp-25f;
  return copysign(is_large ? complement : angle, x);
}

inline float ArcCos(float x) {
  bool is_large;
  float angle = arc_sin_reduced(x, is_large);
  if (!is_large) return 0x1.921fb6p+0f - (copysign(angle, x) - -0x1.777a5cp-25f);
  float doubled = angle + angle;
  return x < 0.0f ? (0x1.921fb6p+1f - doubled) + -0x1.777a5cp-24f : doubled;
}

/// atan(x) for x in [0, 1].
inline float arc_tan_reduced(float x) {
  float square = x * x, p = -0.0023869973167f;
  p = fma(p, square, 0.013507771427f);
  p = fma(p, square, -0.035871538982f);
  p = fma(p, square, 0.062501694447f);
  p = fma(p, square, -0.086568804302f);
  p = fma(p, square, 0.11033764115f);
  p = fma(p, square, -0.14278568748f);
  p = fma(p, square, 0.19999739330f);
  p = fma(p, square, -0.33333331733f);
  return fma(p, square * x, x);
}

inline float ArcTan(float x) {
  float a = fabs(x);
  bool is_steep = a > 1.0f;
  float angle = arc_tan_reduced(is_steep ? 1.0f / a : a);
  return copysign(is_steep ? 0x1.921fb6p+0f - (angle - -0x1.777a5cp-25f) : angle, x);
}

inline float ArcTan2(float y, float x) {
  float a = fabs(y), b = fabs(x);
  if (is_nan(a) || is_nan(b)) return NAN;
  bool is_steep = a > b;
  float longer = is_steep ? a : b, shorter = is_steep ? b : a;
  // Equal sides are 45 degrees also when infinite, and two zeros have the slope 0.
  float slope = longer == 0.0f ? 0.0f : a == b ? 1.0f : shorter / longer;
  float angle = arc_tan_reduced(slope);
  // From here to the axis that the angle is measured from, and back from it in its direction.
  bool is_left = (as_type<uint>(x) >> 31) != 0;
  float quarters = is_steep ? 1.0f : is_left ? 2.0f : 0.0f;
  if (is_steep != is_left) angle = -angle;
  angle = fma(quarters, -0x1.777a5cp-25f, angle);
  return copysign(fma(quarters, 0x1.921fb6p+0f, angle), y);
}
