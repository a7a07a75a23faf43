// From every type to every other: the nearest value, as scalar::convert of the CPU has it. Floats
// saturate in integers and NaN gives 0; a half type rounds once, also from integers.
#include "gpu/kernels/complex.h"

template <typename T, typename U>
struct IsSame {
  enum { value = false };
};
template <typename T>
struct IsSame<T, T> {
  enum { value = true };
};
template <typename T>
struct IsHalf {
  enum { value = IsSame<T, half>::value || IsSame<T, bfloat>::value };
};
template <typename T>
struct IsFloating {
  enum { value = IsSame<T, float>::value || IsHalf<T>::value };
};
template <typename T>
struct IsComplex {
  enum { value = IsSame<T, complex64>::value };
};
template <typename T>
struct IsSigned {
  enum { value = T(-1) < T(0) };
};

/// A float from an integer, rounded to odd: the last bit says that something was cut off. Rounding
/// it again to a half type is then as good as once (S. Boldo and G. Melquiond, 2008).
inline float round_to_odd(ulong magnitude) {
  const uint upper = uint(magnitude >> 32);
  const uint zeros = upper != 0 ? clz(upper) : 32 + clz(uint(magnitude) | 1u);
  // 24 bits fit.
  if (zeros >= 40) return float(uint(magnitude));
  const ulong normal = magnitude << zeros;
  const uint mantissa = uint(normal >> 40) | ((normal & 0xffffffffffu) != 0 ? 1u : 0u);
  return float(mantissa) * power_of_two(40 - int(zeros));
}

/// The integer that a float is cut off to, or the nearest one there is.
template <typename To>
inline To saturate(float value) {
  const int digits = int(sizeof(To)) * 8 - (IsSigned<To>::value ? 1 : 0);
  const float past_end = power_of_two(digits);
  const To most = IsSigned<To>::value ? To((ulong(1) << (digits & 63)) - 1) : To(~ulong(0));
  if (is_nan(value)) return To(0);
  if (value >= past_end) return most;
  if (IsSigned<To>::value) return value < -past_end ? To(~most) : To(value);
  return value > 0.0f ? To(value) : To(0);
}

template <typename To, typename From>
inline To convert(From value) {
  if constexpr (IsSame<To, From>::value) {
    return value;
  } else if constexpr (IsComplex<To>::value) {
    return make_complex(float(value), 0.0f);
  } else if constexpr (IsComplex<From>::value) {
    if constexpr (IsSame<To, bool>::value)
      return is_nonzero(value);
    else
      return convert<To>(value.re);
  } else if constexpr (IsHalf<From>::value) {
    return convert<To>(float(value));
  } else if constexpr (IsSame<To, bool>::value) {
    return value != From(0);
  } else if constexpr (IsHalf<To>::value) {
    if constexpr (IsSame<From, float>::value || sizeof(From) < 4) {
      return To(float(value));
    } else {
      bool is_negative = IsSigned<From>::value && value < From(0);
      float magnitude = round_to_odd(is_negative ? ulong(0) - ulong(value) : ulong(value));
      return To(is_negative ? -magnitude : magnitude);
    }
  } else if constexpr (IsSame<From, float>::value && !IsSame<To, float>::value) {
    return saturate<To>(value);
  } else {
    return To(value);
  }
}
