// exp and its kin in float32, within 3 ulp: the formulas of cpu/elementwise/exponential-inl.h,
// built of the same operations, so that the results have the same bits.

/// Bounds that keep NaN.
inline float at_most(float x, float bound) { return x > bound ? bound : x; }
inline float at_least(float x, float bound) { return x < bound ? bound : x; }
inline bool is_nan(float x) { return x != x; }
/// Neither infinite nor NaN.
inline bool is_bounded(float x) { return fabs(x) < INFINITY; }

/// The nearest integer to what was summed with 1.5 * 2^23 (|it| < 2^22), as a float and as an int.
inline float round_by_sum(float sum, thread int& integer) {
  integer = int(as_type<uint>(sum) - 0x4b400000u);
  return sum - 12582912.0f;
}

/// 2^n for n in [-126, 127].
inline float power_of_two(int n) { return as_type<float>(uint(n + 127) << 23); }

/// Splits x into n ln(2) + r with |r| <= ln(2) / 2 (Cody and Waite).
inline float reduce_by_ln2(float x, thread int& n) {
  float whole = round_by_sum(x * 0x1.715476p+0f + 12582912.0f, n);
  float r = fma(-whole, 0x1.62e4p-1f, x);
  return fma(-whole, 0x1.7f7d1cp-20f, r);
}

/// 2^scale e^x. Two factors of a power of two, so that subnormal results and those near the largest
/// float need no special case.
inline float scaled_exp(float x, int scale) {
  int n;
  float r = reduce_by_ln2(at_least(at_most(x, 90.0f), -105.0f), n);
  float e = 0.0013941108434f;
  e = fma(e, r, 0.0083751263982f);
  e = fma(e, r, 0.041666352897f);
  e = fma(e, r, 0.16666415515f);
  e = fma(e, r, 0.50000000471f);
  e = fma(e, r, 1.0f);
  e = fma(e, r, 1.0f);
  n += scale;
  int half_n = n >> 1;
  return e * power_of_two(half_n) * power_of_two(n - half_n);
}

inline float Exp(float x) { return scaled_exp(x, 0); }

/// e^x - 1 for x of at most 88.
inline float bounded_expm1(float x) {
  int n;
  float r = reduce_by_ln2(x, n);
  float p = 0.00019890980870f;
  p = fma(p, r, 0.0013933641032f);
  p = fma(p, r, 0.0083333109345f);
  p = fma(p, r, 0.041666465006f);
  p = fma(p, r, 0.16666666682f);
  p = fma(p, r, 0.5f);
  float e = fma(p, r * r, r), power = power_of_two(n);
  return fma(e, power, power - 1.0f);
}

inline float Expm1(float x) {
  if (x == 0.0f) return x;
  // Below -18 the result rounds to -1; above 30 the 1 is lost.
  float small_result = bounded_expm1(at_most(at_least(x, -18.0f), 30.0f));
  return x > 30.0f ? Exp(x) : small_result;
}

inline float Tanh(float x) {
  // (e^2a - 1) / (e^2a + 1); from 10 on it rounds to 1.
  float a = at_most(fabs(x), 10.0f);
  float e = bounded_expm1(a + a);
  return copysign(e / (e + 2.0f), x);
}

inline float Sinh(float x) {
  float a = fabs(x);
  float e = bounded_expm1(at_most(a, 20.0f));
  float small_result = 0.5f * (e + e / (e + 1.0f));
  // e^-a is lost from 20 on; halving inside the exponential avoids an early overflow.
  return copysign(a > 20.0f ? scaled_exp(a, -1) : small_result, x);
}

inline float Cosh(float x) {
  float half_exp = scaled_exp(fabs(x), -1);
  return half_exp + 0.25f / half_exp;
}

inline float Sigmoid(float x) {
  // e^-|x| / (1 + e^-|x|) never overflows; its mirror image is 1 over the same denominator.
  float e = Exp(-fabs(x));
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}
