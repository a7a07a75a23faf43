// Functions of Metal's standard library for kernels that callers wrote, on CUDA and in the
// emulator: the engine's own formulas, so that both have the same bits.
#include "gpu/kernels/metal_types.h"

namespace metal {

namespace precise {
using namespace metal;
}
namespace fast {
using namespace metal;
}

// ---- Of one, two or three floats, halves or vectors of them

#define FUNCTION_OF_1(name)                              \
  template <typename Format>                             \
  inline SmallFloat<Format> name(SmallFloat<Format> x) { \
    return SmallFloat<Format>(name(float(x)));           \
  }                                                      \
  template <typename T, int N>                           \
  inline vec<T, N> name(vec<T, N> x) {                   \
    for (int i = 0; i < N; ++i) x[i] = name(x[i]);       \
    return x;                                            \
  }
#define FUNCTION_OF_2(name)                                                    \
  template <typename Format>                                                   \
  inline SmallFloat<Format> name(SmallFloat<Format> x, SmallFloat<Format> y) { \
    return SmallFloat<Format>(name(float(x), float(y)));                       \
  }                                                                            \
  template <typename T, int N>                                                 \
  inline vec<T, N> name(vec<T, N> x, vec<T, N> y) {                            \
    for (int i = 0; i < N; ++i) x[i] = name(x[i], y[i]);                       \
    return x;                                                                  \
  }
#define FUNCTION_OF_3(name)                                                  \
  template <typename Format>                                                 \
  inline SmallFloat<Format> name(SmallFloat<Format> x, SmallFloat<Format> y, \
                                 SmallFloat<Format> z) {                     \
    return SmallFloat<Format>(name(float(x), float(y), float(z)));           \
  }                                                                          \
  template <typename T, int N>                                               \
  inline vec<T, N> name(vec<T, N> x, vec<T, N> y, vec<T, N> z) {             \
    for (int i = 0; i < N; ++i) x[i] = name(x[i], y[i], z[i]);               \
    return x;                                                                \
  }
#define DEFINE_1(name, value)                  \
  inline float name(float x) { return value; } \
  FUNCTION_OF_1(name)
#define DEFINE_2(name, value)                           \
  inline float name(float x, float y) { return value; } \
  FUNCTION_OF_2(name)
#define DEFINE_3(name, value)                                    \
  inline float name(float x, float y, float z) { return value; } \
  FUNCTION_OF_3(name)

DEFINE_1(exp, Exp(x))
DEFINE_1(exp2, Power(2.0f, x))
DEFINE_1(exp10, Power(10.0f, x))
DEFINE_1(log, Log(x))
DEFINE_1(log2, Log2(x))
DEFINE_1(log10, Log10(x))
DEFINE_1(log1p, Log1p(x))
DEFINE_1(sin, Sin(x))
DEFINE_1(cos, Cos(x))
DEFINE_1(tan, Tan(x))
DEFINE_1(asin, ArcSin(x))
DEFINE_1(acos, ArcCos(x))
DEFINE_1(atan, ArcTan(x))
DEFINE_1(sinh, Sinh(x))
DEFINE_1(cosh, Cosh(x))
DEFINE_1(tanh, Tanh(x))
DEFINE_1(asinh, ArcSinh(x))
DEFINE_1(acosh, ArcCosh(x))
DEFINE_1(atanh, ArcTanh(x))
DEFINE_1(sqrt, float_sqrt(x))
DEFINE_1(rsqrt, 1.0f / float_sqrt(x))
DEFINE_1(fabs, float_fabs(x))
DEFINE_1(floor, float_floor(x))
DEFINE_1(ceil, float_ceil(x))
DEFINE_1(trunc, float_trunc(x))
DEFINE_1(rint, float_rint(x))
DEFINE_1(sign, is_nan(x) ? 0.0f : x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x)
DEFINE_1(saturate, x > 0.0f ? x < 1.0f ? x : 1.0f : 0.0f)
DEFINE_2(pow, Power(x, y))
DEFINE_2(powr, Power(x, y))
DEFINE_2(atan2, ArcTan2(x, y))
DEFINE_2(copysign, float_copysign(x, y))
DEFINE_2(fmin, is_nan(x) || y < x ? y : x)
DEFINE_2(fmax, is_nan(x) || y > x ? y : x)
DEFINE_2(fdim, is_nan(x) || is_nan(y) ? x + y : x > y ? x - y : 0.0f)
DEFINE_2(step, y < x ? 0.0f : 1.0f)
DEFINE_3(fma, float_fma(x, y, z))
DEFINE_3(mix, x + (y - x) * z)

/// Halves away from zero.
inline float round(float x) {
  float whole = float_trunc(x);
  return float_fabs(x - whole) >= 0.5f ? whole + float_copysign(1.0f, x) : whole;
}
FUNCTION_OF_1(round)
inline float fmod(float x, float y) {
  if (!is_bounded(x) || y == 0.0f || is_nan(y)) return NAN;
  uint quotient;
  return is_bounded(y) ? float_copysign(divide_out(x, y, quotient), x) : x;
}
FUNCTION_OF_2(fmod)
inline float fract(float x) { return fmin(x - float_floor(x), 0x1.fffffep-1f); }
FUNCTION_OF_1(fract)
inline float smoothstep(float x, float y, float z) {
  float t = saturate((z - x) / (y - x));
  return t * t * (3.0f - 2.0f * t);
}
FUNCTION_OF_3(smoothstep)
inline float ldexp(float x, int n) {
  for (; n > 127; n -= 127) x *= power_of_two(127);
  for (; n < -126; n += 126) x *= power_of_two(-126);
  return x * power_of_two(n);
}

inline bool isnan(float x) { return is_nan(x); }
inline bool isfinite(float x) { return is_bounded(x); }
inline bool isinf(float x) { return float_fabs(x) == INFINITY; }
inline bool signbit(float x) { return as_type<uint>(x) >> 31 != 0; }

#undef DEFINE_1
#undef DEFINE_2
#undef DEFINE_3
#undef FUNCTION_OF_1
#undef FUNCTION_OF_2
#undef FUNCTION_OF_3

// ---- Of any numbers

template <typename T>
inline T min(T a, T b) {
  return b < a ? b : a;
}
template <typename T>
inline T max(T a, T b) {
  return a < b ? b : a;
}
inline float min(float a, float b) { return fmin(a, b); }
inline float max(float a, float b) { return fmax(a, b); }
template <typename T, int N>
inline vec<T, N> min(vec<T, N> a, vec<T, N> b) {
  for (int i = 0; i < N; ++i) a[i] = min(a[i], b[i]);
  return a;
}
template <typename T, int N>
inline vec<T, N> max(vec<T, N> a, vec<T, N> b) {
  for (int i = 0; i < N; ++i) a[i] = max(a[i], b[i]);
  return a;
}
template <typename T>
inline T clamp(T x, typename Identity<T>::type low, typename Identity<T>::type high) {
  return min(max(x, low), high);
}
template <typename T>
inline T abs(T x) {
  return x < T(0) ? T(-x) : x;
}
inline float abs(float x) { return float_fabs(x); }
template <typename Format>
inline SmallFloat<Format> abs(SmallFloat<Format> x) {
  x.bits &= 0x7fffu;
  return x;
}
template <typename T, int N>
inline vec<T, N> abs(vec<T, N> x) {
  for (int i = 0; i < N; ++i) x[i] = abs(x[i]);
  return x;
}
template <typename T>
inline T select(T a, T b, bool use_second) {
  return use_second ? b : a;
}
template <typename T, int N>
inline vec<T, N> select(vec<T, N> a, vec<T, N> b, vec<bool, N> use_second) {
  for (int i = 0; i < N; ++i) a[i] = use_second[i] ? b[i] : a[i];
  return a;
}
template <int N>
inline bool all(vec<bool, N> x) {
  for (int i = 0; i < N; ++i)
    if (!x[i]) return false;
  return true;
}
template <int N>
inline bool any(vec<bool, N> x) {
  for (int i = 0; i < N; ++i)
    if (x[i]) return true;
  return false;
}
inline bool all(bool x) { return x; }
inline bool any(bool x) { return x; }

template <typename T, int N>
inline T dot(vec<T, N> a, vec<T, N> b) {
  T sum = T(a[0] * b[0]);
  for (int i = 1; i < N; ++i) sum = T(sum + a[i] * b[i]);
  return sum;
}
template <typename T, int N>
inline T length_squared(vec<T, N> a) {
  return dot(a, a);
}
template <typename T, int N>
inline T length(vec<T, N> a) {
  return sqrt(dot(a, a));
}
template <typename T, int N>
inline T distance(vec<T, N> a, vec<T, N> b) {
  return length(a - b);
}
template <typename T, int N>
inline vec<T, N> normalize(vec<T, N> a) {
  return a * rsqrt(dot(a, a));
}
template <typename T>
inline vec<T, 3> cross(vec<T, 3> a, vec<T, 3> b) {
  return vec<T, 3>(T(a.y * b.z - a.z * b.y), T(a.z * b.x - a.x * b.z), T(a.x * b.y - a.y * b.x));
}

// ---- Of words

inline uint popcount(uint x) {
  x -= (x >> 1) & 0x55555555u;
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  return (((x + (x >> 4)) & 0x0f0f0f0fu) * 0x01010101u) >> 24;
}
inline int popcount(int x) { return int(popcount(uint(x))); }
inline uint clz(uint x) { return word_clz(x); }
inline int clz(int x) { return int(word_clz(uint(x))); }
inline uint ctz(uint x) { return x == 0 ? 32u : 31u - word_clz(x & (0u - x)); }
inline int ctz(int x) { return int(ctz(uint(x))); }
inline uint mulhi(uint a, uint b) { return word_mulhi(a, b); }
inline uint rotate(uint x, uint n) { return x << (n & 31u) | x >> ((32u - n) & 31u); }
inline uint reverse_bits(uint x) {
  x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
  x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
  x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
  x = (x >> 8 & 0x00ff00ffu) | (x & 0x00ff00ffu) << 8;
  return x >> 16 | x << 16;
}

template <typename T>
struct numeric_limits {
  static constexpr bool is_signed = T(-1) < T(0);
  static constexpr int digits = int(sizeof(T)) * 8 - (is_signed ? 1 : 0);
  static constexpr T max() {
    return is_signed ? T((uint64_t(1) << (digits & 63)) - 1) : T(~uint64_t(0));
  }
  static constexpr T min() { return is_signed ? T(~max()) : T(0); }
  static constexpr T lowest() { return min(); }
};
template <>
struct numeric_limits<float> {
  static float max() { return 0x1.fffffep+127f; }
  static float min() { return 0x1p-126f; }
  static float lowest() { return -0x1.fffffep+127f; }
  static float epsilon() { return 0x1p-23f; }
  static float infinity() { return INFINITY; }
  static float quiet_NaN() { return NAN; }
};
template <>
struct numeric_limits<half> {
  static half max() { return 65504.0f; }
  static half min() { return 0x1p-14f; }
  static half lowest() { return -65504.0f; }
  static half epsilon() { return 0x1p-10f; }
  static half infinity() { return INFINITY; }
  static half quiet_NaN() { return NAN; }
};
template <>
struct numeric_limits<bfloat> {
  static bfloat max() { return 0x1.fep+127f; }
  static bfloat min() { return 0x1p-126f; }
  static bfloat lowest() { return -0x1.fep+127f; }
  static bfloat epsilon() { return 0x1p-7f; }
  static bfloat infinity() { return INFINITY; }
  static bfloat quiet_NaN() { return NAN; }
};

}  // namespace metal
