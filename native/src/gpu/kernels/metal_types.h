// Types of Metal's standard library for kernels that callers wrote, on CUDA and in the emulator:
// halves that convert as the language's own do, and short vectors.
#include "gpu/kernels/metal_outer.h"

namespace metal {

template <bool condition, typename T>
struct EnableIf {};
template <typename T>
struct EnableIf<true, T> {
  using type = T;
};
template <typename T>
struct Identity {
  using type = T;
};
template <typename A, typename B>
struct IsSame {
  static constexpr bool value = false;
};
template <typename A>
struct IsSame<A, A> {
  static constexpr bool value = true;
};
template <typename T>
struct IsArithmetic {
  static constexpr bool value =
      IsSame<T, bool>::value || IsSame<T, char>::value || IsSame<T, int8_t>::value ||
      IsSame<T, uint8_t>::value || IsSame<T, int16_t>::value || IsSame<T, uint16_t>::value ||
      IsSame<T, int32_t>::value || IsSame<T, uint32_t>::value || IsSame<T, long>::value ||
      IsSame<T, unsigned long>::value || IsSame<T, long long>::value ||
      IsSame<T, unsigned long long>::value || IsSame<T, float>::value || IsSame<T, double>::value;
};

struct HalfFormat {
  static ushort pack(float value) { return float_to_half(value); }
  static float unpack(ushort bits) { return half_to_float(bits); }
};
struct BfloatFormat {
  static ushort pack(float value) { return float_to_bfloat(value); }
  static float unpack(ushort bits) { return as_type<float>(uint(bits) << 16); }
};

/// 16 bits in memory. Arithmetic of two rounds once, as the hardware's does.
template <typename Format>
struct SmallFloat {
  ushort bits;

  SmallFloat() = default;
  template <typename N, typename = typename EnableIf<IsArithmetic<N>::value, N>::type>
  SmallFloat(N value) : bits(Format::pack(float(value))) {}
  template <typename Other>
  explicit SmallFloat(SmallFloat<Other> value) : bits(Format::pack(float(value))) {}

  // To float alone, or `condition ? a_half : 0` could mean either type.
  template <typename F, typename = typename EnableIf<IsSame<F, float>::value, F>::type>
  operator F() const {
    return Format::unpack(bits);
  }
  template <typename N,
            typename EnableIf<IsArithmetic<N>::value && !IsSame<N, float>::value, int>::type = 0>
  explicit operator N() const {
    return N(Format::unpack(bits));
  }
};

using half = SmallFloat<HalfFormat>;
using bfloat = SmallFloat<BfloatFormat>;
using float16_t = half;
using bfloat16_t = bfloat;

/// The type in which two scalars meet, of which one at least is small.
template <typename A, typename B>
struct Join {};
template <typename Format>
struct Join<SmallFloat<Format>, SmallFloat<Format>> {
  using type = SmallFloat<Format>;
};
template <>
struct Join<half, bfloat> {
  using type = float;
};
template <>
struct Join<bfloat, half> {
  using type = float;
};
template <bool is_number, bool is_wide, typename Small>
struct JoinNumber {};
template <typename Small>
struct JoinNumber<true, false, Small> {
  using type = Small;
};
template <typename Small>
struct JoinNumber<true, true, Small> {
  using type = float;
};
template <typename N>
struct IsWide {
  static constexpr bool value = IsSame<N, float>::value || IsSame<N, double>::value;
};
template <typename Format, typename N>
struct Join<SmallFloat<Format>, N>
    : JoinNumber<IsArithmetic<N>::value, IsWide<N>::value, SmallFloat<Format>> {};
template <typename N, typename Format>
struct Join<N, SmallFloat<Format>>
    : JoinNumber<IsArithmetic<N>::value, IsWide<N>::value, SmallFloat<Format>> {};

#define SMALL_FLOAT_OPERATOR(op)                                                        \
  template <typename A, typename B, typename R = typename Join<A, B>::type>             \
  inline R operator op(A a, B b) {                                                      \
    return R(float(a) op float(b));                                                     \
  }                                                                                     \
  template <typename Format, typename B>                                                \
  inline thread SmallFloat<Format>& operator op##=(thread SmallFloat<Format>& a, B b) { \
    return a = SmallFloat<Format>(float(a) op float(b));                                \
  }
SMALL_FLOAT_OPERATOR(+)
SMALL_FLOAT_OPERATOR(-)
SMALL_FLOAT_OPERATOR(*)
SMALL_FLOAT_OPERATOR(/)
#undef SMALL_FLOAT_OPERATOR

#define SMALL_FLOAT_COMPARISON(op)                                        \
  template <typename A, typename B, typename = typename Join<A, B>::type> \
  inline bool operator op(A a, B b) {                                     \
    return float(a) op float(b);                                          \
  }
SMALL_FLOAT_COMPARISON(==)
SMALL_FLOAT_COMPARISON(!=)
SMALL_FLOAT_COMPARISON(<)
SMALL_FLOAT_COMPARISON(<=)
SMALL_FLOAT_COMPARISON(>)
SMALL_FLOAT_COMPARISON(>=)
#undef SMALL_FLOAT_COMPARISON

template <typename Format>
inline SmallFloat<Format> operator-(SmallFloat<Format> a) {
  a.bits ^= 0x8000u;
  return a;
}
template <typename Format>
inline SmallFloat<Format> operator+(SmallFloat<Format> a) {
  return a;
}

/// Elements have names and numbers; parts of several elements (`v.xy`) there are none.
template <typename T, int N>
struct vec;
template <typename T>
struct alignas(2 * sizeof(T)) vec<T, 2> {
  T x, y;

  vec() = default;
  vec(T all) : x(all), y(all) {}
  vec(T x, T y) : x(x), y(y) {}
  template <typename U>
  explicit vec(vec<U, 2> v) : x(T(v.x)), y(T(v.y)) {}
  thread T& operator[](int i) { return i == 0 ? x : y; }
  T operator[](int i) const { return i == 0 ? x : y; }
};
template <typename T>
struct alignas(4 * sizeof(T)) vec<T, 3> {
  T x, y, z;

  vec() = default;
  vec(T all) : x(all), y(all), z(all) {}
  vec(T x, T y, T z) : x(x), y(y), z(z) {}
  vec(vec<T, 2> v, T z) : x(v.x), y(v.y), z(z) {}
  template <typename U>
  explicit vec(vec<U, 3> v) : x(T(v.x)), y(T(v.y)), z(T(v.z)) {}
  thread T& operator[](int i) { return i == 0 ? x : i == 1 ? y : z; }
  T operator[](int i) const { return i == 0 ? x : i == 1 ? y : z; }
};
template <typename T>
struct alignas(4 * sizeof(T)) vec<T, 4> {
  T x, y, z, w;

  vec() = default;
  vec(T all) : x(all), y(all), z(all), w(all) {}
  vec(T x, T y, T z, T w) : x(x), y(y), z(z), w(w) {}
  vec(vec<T, 3> v, T w) : x(v.x), y(v.y), z(v.z), w(w) {}
  vec(vec<T, 2> v, vec<T, 2> u) : x(v.x), y(v.y), z(u.x), w(u.y) {}
  template <typename U>
  explicit vec(vec<U, 4> v) : x(T(v.x)), y(T(v.y)), z(T(v.z)), w(T(v.w)) {}
  thread T& operator[](int i) { return i == 0 ? x : i == 1 ? y : i == 2 ? z : w; }
  T operator[](int i) const { return i == 0 ? x : i == 1 ? y : i == 2 ? z : w; }
};

#define VECTORS(name, T)     \
  using name##2 = vec<T, 2>; \
  using name##3 = vec<T, 3>; \
  using name##4 = vec<T, 4>;
VECTORS(bool, bool)
VECTORS(char, int8_t)
VECTORS(uchar, uint8_t)
VECTORS(short, int16_t)
VECTORS(ushort, uint16_t)
VECTORS(int, int32_t)
VECTORS(uint, uint32_t)
VECTORS(long, int64_t)
VECTORS(ulong, uint64_t)
VECTORS(float, float)
VECTORS(half, half)
VECTORS(bfloat, bfloat)
#undef VECTORS

#define VECTOR_OPERATOR(op)                                                 \
  template <typename T, int N>                                              \
  inline vec<T, N> operator op(vec<T, N> a, vec<T, N> b) {                  \
    for (int i = 0; i < N; ++i) a[i] = T(a[i] op b[i]);                     \
    return a;                                                               \
  }                                                                         \
  template <typename T, int N>                                              \
  inline vec<T, N> operator op(vec<T, N> a, typename Identity<T>::type b) { \
    return a op vec<T, N>(b);                                               \
  }                                                                         \
  template <typename T, int N>                                              \
  inline vec<T, N> operator op(typename Identity<T>::type a, vec<T, N> b) { \
    return vec<T, N>(a) op b;                                               \
  }                                                                         \
  template <typename T, int N, typename B>                                  \
  inline thread vec<T, N>& operator op##=(thread vec<T, N>& a, B b) {       \
    return a = a op b;                                                      \
  }
VECTOR_OPERATOR(+)
VECTOR_OPERATOR(-)
VECTOR_OPERATOR(*)
VECTOR_OPERATOR(/)
VECTOR_OPERATOR(%)
VECTOR_OPERATOR(&)
VECTOR_OPERATOR(|)
VECTOR_OPERATOR(^)
VECTOR_OPERATOR(<<)
VECTOR_OPERATOR(>>)
#undef VECTOR_OPERATOR

#define VECTOR_COMPARISON(op)                                                  \
  template <typename T, int N>                                                 \
  inline vec<bool, N> operator op(vec<T, N> a, vec<T, N> b) {                  \
    vec<bool, N> result;                                                       \
    for (int i = 0; i < N; ++i) result[i] = a[i] op b[i];                      \
    return result;                                                             \
  }                                                                            \
  template <typename T, int N>                                                 \
  inline vec<bool, N> operator op(vec<T, N> a, typename Identity<T>::type b) { \
    return a op vec<T, N>(b);                                                  \
  }
VECTOR_COMPARISON(==)
VECTOR_COMPARISON(!=)
VECTOR_COMPARISON(<)
VECTOR_COMPARISON(<=)
VECTOR_COMPARISON(>)
VECTOR_COMPARISON(>=)
#undef VECTOR_COMPARISON

template <typename T, int N>
inline vec<T, N> operator-(vec<T, N> a) {
  for (int i = 0; i < N; ++i) a[i] = T(-a[i]);
  return a;
}

}  // namespace metal
