// One function for each operation on elements and each kind of type. Half types come as float: what
// calls these widens and rounds. Integers wrap, and no value is undefined behaviour.
#include "gpu/kernels/convert.h"

/// Arithmetic that may wrap happens here: unsigned, and wide enough not to become a signed int.
template <bool is_long>
struct WrappingOf {
  using type = uint;
};
template <>
struct WrappingOf<true> {
  using type = ulong;
};
template <typename T>
struct Wrapping {
  using type = typename WrappingOf<(sizeof(T) > 4)>::type;
};
#define WRAP(T) typename Wrapping<T>::type

template <typename T>
inline T Add(T a, T b) {
  if constexpr (IsSame<T, bool>::value)
    return a || b;
  else if constexpr (IsFloating<T>::value)
    return a + b;
  else
    return T(WRAP(T)(a) + WRAP(T)(b));
}
template <typename T>
inline T Subtract(T a, T b) {
  if constexpr (IsSame<T, bool>::value)
    return a != b;
  else if constexpr (IsFloating<T>::value)
    return a - b;
  else
    return T(WRAP(T)(a) - WRAP(T)(b));
}
template <typename T>
inline T Multiply(T a, T b) {
  if constexpr (IsSame<T, bool>::value)
    return a && b;
  else if constexpr (IsFloating<T>::value)
    return a * b;
  else
    return T(WRAP(T)(a) * WRAP(T)(b));
}
inline float Divide(float a, float b) { return a / b; }

/// The remainder has the divisor's sign, as in Python.
template <typename T>
inline T Remainder(T a, T b) {
  if (b == T(0)) return T(0);
  if constexpr (IsSigned<T>::value) {
    if (b == T(-1)) return T(0);
    T r = T(a % b);
    return r != T(0) && (r < T(0)) != (b < T(0)) ? T(r + b) : r;
  } else {
    return T(a % b);
  }
}
template <typename T>
inline T FloorDivide(T a, T b) {
  if (b == T(0)) return T(0);
  if constexpr (IsSigned<T>::value) {
    if (b == T(-1)) return T(WRAP(T)(0) - WRAP(T)(a));
    T q = T(a / b);
    return T(q * b) != a && (a < T(0)) != (b < T(0)) ? T(q - 1) : q;
  } else {
    return T(a / b);
  }
}
template <typename T>
inline T Power(T base, T exponent) {
  if constexpr (IsSame<T, bool>::value) {
    return base || !exponent;
  } else {
    if constexpr (IsSigned<T>::value) {
      if (exponent < T(0))
        return base == T(1) ? T(1) : base == T(-1) ? (exponent & 1 ? T(-1) : T(1)) : T(0);
    }
    WRAP(T) result = 1, factor = WRAP(T)(base);
    for (WRAP(T) e = WRAP(T)(exponent); e != 0; e >>= 1) {
      if (e & 1) result *= factor;
      factor *= factor;
    }
    return T(result);
  }
}

template <typename T>
inline T Maximum(T a, T b) {
  if constexpr (IsComplex<T>::value)
    return is_nan(a) || (!is_nan(b) && is_less(b, a)) ? a : b;
  else
    return a > b || a != a ? a : b;
}
template <typename T>
inline T Minimum(T a, T b) {
  if constexpr (IsComplex<T>::value)
    return is_nan(a) || (!is_nan(b) && is_less(a, b)) ? a : b;
  else
    return a < b || a != a ? a : b;
}

template <typename T>
inline bool Equal(T a, T b) {
  if constexpr (IsComplex<T>::value)
    return is_equal(a, b);
  else
    return a == b;
}
template <typename T>
inline bool NotEqual(T a, T b) {
  return !Equal(a, b);
}
/// Equal, where NaN equals NaN.
template <typename T>
inline bool NaNEqual(T a, T b) {
  if constexpr (IsComplex<T>::value)
    return is_equal(a, b) || (is_nan(a) && is_nan(b));
  else
    return a == b || (a != a && b != b);
}
template <typename T>
inline bool Less(T a, T b) {
  if constexpr (IsComplex<T>::value)
    return is_less(a, b);
  else
    return a < b;
}
template <typename T>
inline bool LessEqual(T a, T b) {
  if constexpr (IsComplex<T>::value)
    return is_less(a, b) || is_equal(a, b);
  else
    return a <= b;
}
template <typename T>
inline bool Greater(T a, T b) {
  return Less(b, a);
}
template <typename T>
inline bool GreaterEqual(T a, T b) {
  return LessEqual(b, a);
}
template <typename T>
inline bool LogicalAnd(T a, T b) {
  return convert<bool>(a) && convert<bool>(b);
}
template <typename T>
inline bool LogicalOr(T a, T b) {
  return convert<bool>(a) || convert<bool>(b);
}
template <typename T>
inline bool LogicalNot(T a) {
  return !convert<bool>(a);
}

template <typename T>
inline T BitwiseAnd(T a, T b) {
  return T(a & b);
}
template <typename T>
inline T BitwiseOr(T a, T b) {
  return T(a | b);
}
template <typename T>
inline T BitwiseXor(T a, T b) {
  return T(a ^ b);
}
template <typename T>
inline T BitwiseInvert(T a) {
  if constexpr (IsSame<T, bool>::value)
    return !a;
  else
    return T(~a);
}
/// Shifting everything out leaves 0, or the sign.
template <typename T>
inline T LeftShift(T a, T b) {
  bool inside = b >= T(0) && ulong(b) < 8 * sizeof(T);
  return inside ? T(WRAP(T)(a) << uint(b)) : T(0);
}
template <typename T>
inline T RightShift(T a, T b) {
  bool inside = b >= T(0) && ulong(b) < 8 * sizeof(T);
  return inside ? T(a >> uint(b)) : a < T(0) ? T(~T(0)) : T(0);
}

template <typename T>
inline T Abs(T a) {
  if constexpr (IsFloating<T>::value)
    return fabs(a);
  else if constexpr (IsSigned<T>::value)
    return a < T(0) ? T(WRAP(T)(0) - WRAP(T)(a)) : a;
  else
    return a;
}
template <typename T>
inline T Negative(T a) {
  if constexpr (IsFloating<T>::value)
    return -a;
  else if constexpr (IsSame<T, bool>::value)
    return a;
  else if constexpr (IsComplex<T>::value)
    return make_complex(-a.re, -a.im);
  else
    return T(WRAP(T)(0) - WRAP(T)(a));
}
template <typename T>
inline T Sign(T a) {
  return a != a ? a : a > T(0) ? T(1) : a < T(0) ? T(-1) : T(0);
}
template <typename T>
inline T Square(T a) {
  return Multiply(a, a);
}

template <typename T>
inline T Conjugate(T a) {
  if constexpr (IsComplex<T>::value)
    return make_complex(a.re, -a.im);
  else
    return a;
}
template <typename T>
inline T Real(T a) {
  return a;
}
inline float Real(complex64 a) { return a.re; }
template <typename T>
inline T Imag(T) {
  return T(0);
}
inline float Imag(complex64 a) { return a.im; }

template <typename T>
inline T Floor(T a) {
  if constexpr (IsFloating<T>::value)
    return floor(a);
  else
    return a;
}
template <typename T>
inline T Ceil(T a) {
  if constexpr (IsFloating<T>::value)
    return ceil(a);
  else
    return a;
}
template <typename T>
inline T Trunc(T a) {
  if constexpr (IsFloating<T>::value)
    return trunc(a);
  else
    return a;
}
template <typename T>
inline T Round(T a) {
  if constexpr (IsFloating<T>::value)
    return rint(a);
  else if constexpr (IsComplex<T>::value)
    return make_complex(rint(a.re), rint(a.im));
  else
    return a;
}

inline float Sqrt(float a) { return sqrt(a); }
inline float Rsqrt(float a) { return 1.0f / sqrt(a); }
inline float Reciprocal(float a) { return 1.0f / a; }

template <typename T>
inline T Select(bool condition, T a, T b) {
  return condition ? a : b;
}
