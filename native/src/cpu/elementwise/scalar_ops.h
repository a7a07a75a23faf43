#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "mlx/types.h"

// One struct an operation: what it does to one element of any real type. Integers wrap, and no
// value is undefined behaviour.
namespace mlx::core::cpu::scalar {

/// Arithmetic that may wrap happens here: unsigned, and wide enough not to become a signed int.
template <typename T>
struct WrappingType {
  using type = uint32_t;
};
template <typename T>
  requires(std::is_integral_v<T> && sizeof(T) >= 4)
struct WrappingType<T> {
  using type = std::make_unsigned_t<T>;
};
template <typename T>
using Wrapping = typename WrappingType<T>::type;

struct Add {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_same_v<T, bool>)
      return a | b;
    else if constexpr (std::is_integral_v<T>)
      return T(Wrapping<T>(a) + Wrapping<T>(b));
    else
      return a + b;
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_same_v<T, bool>)
      return a ^ b;
    else if constexpr (std::is_integral_v<T>)
      return T(Wrapping<T>(a) - Wrapping<T>(b));
    else
      return a - b;
  }
};
struct Multiply {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_same_v<T, bool>)
      return a & b;
    else if constexpr (std::is_integral_v<T>)
      return T(Wrapping<T>(a) * Wrapping<T>(b));
    else
      return a * b;
  }
};
struct Divide {
  template <typename T>
  static T apply(T a, T b) {
    return a / b;
  }
};

/// The remainder has the divisor's sign, as in Python.
struct Remainder {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return 0;
        T r = T(a % b);
        return r != 0 && (r < 0) != (b < 0) ? T(r + b) : r;
      } else {
        return T(a % b);
      }
    } else {
      T r = std::fmod(a, b);
      if (r == 0) return std::copysign(T(0), b);
      return (r < 0) != (b < 0) ? r + b : r;
    }
  }
};
struct FloorDivide {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return T(Wrapping<T>(0) - Wrapping<T>(a));
        T q = T(a / b);
        return q * b != a && (a < 0) != (b < 0) ? T(q - 1) : q;
      } else {
        return T(a / b);
      }
    } else {
      if (b == 0) return a / b;
      // Dividing what is a multiple of b: the quotient of a and b itself may round up.
      T r = std::fmod(a, b);
      T q = (a - r) / b;
      if (r != 0 && (r < 0) != (b < 0)) q -= 1;
      if (q == 0) return std::copysign(T(0), a / b);
      T whole = std::floor(q);
      return q - whole > T(0.5) ? whole + 1 : whole;
    }
  }
};
struct Power {
  template <typename T>
  static T apply(T base, T exponent) {
    if constexpr (std::is_integral_v<T>) {
      if constexpr (std::is_signed_v<T>) {
        if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
      }
      Wrapping<T> result = 1, factor = Wrapping<T>(base);
      for (auto e = Wrapping<T>(exponent); e != 0; e >>= 1) {
        if (e & 1) result *= factor;
        factor *= factor;
      }
      return T(result);
    } else {
      return std::pow(base, exponent);
    }
  }
};
struct Maximum {
  template <typename T>
  static T apply(T a, T b) {
    return a > b || a != a ? a : b;
  }
};
struct Minimum {
  template <typename T>
  static T apply(T a, T b) {
    return a < b || a != a ? a : b;
  }
};
struct LogAddExp {
  template <typename T>
  static T apply(T a, T b) {
    T high = Maximum::apply(a, b), low = Minimum::apply(a, b);
    // Two equal infinities have no difference.
    if (low == high) return high + T(0.693147180559945309);
    return high + std::log1p(std::exp(low - high));
  }
};
struct ArcTan2 {
  template <typename T>
  static T apply(T a, T b) {
    return std::atan2(a, b);
  }
};

struct Equal {
  template <typename T>
  static bool apply(T a, T b) {
    return a == b;
  }
};
struct NotEqual {
  template <typename T>
  static bool apply(T a, T b) {
    return a != b;
  }
};
struct NaNEqual {
  template <typename T>
  static bool apply(T a, T b) {
    return (a == b) | ((a != a) & (b != b));
  }
};
struct Less {
  template <typename T>
  static bool apply(T a, T b) {
    return a < b;
  }
};
struct LessEqual {
  template <typename T>
  static bool apply(T a, T b) {
    return a <= b;
  }
};
struct Greater {
  template <typename T>
  static bool apply(T a, T b) {
    return a > b;
  }
};
struct GreaterEqual {
  template <typename T>
  static bool apply(T a, T b) {
    return a >= b;
  }
};
struct LogicalAnd {
  template <typename T>
  static bool apply(T a, T b) {
    return (a != T(0)) & (b != T(0));
  }
};
struct LogicalOr {
  template <typename T>
  static bool apply(T a, T b) {
    return (a != T(0)) | (b != T(0));
  }
};

struct BitwiseAnd {
  template <typename T>
  static T apply(T a, T b) {
    return T(a & b);
  }
};
struct BitwiseOr {
  template <typename T>
  static T apply(T a, T b) {
    return T(a | b);
  }
};
struct BitwiseXor {
  template <typename T>
  static T apply(T a, T b) {
    return T(a ^ b);
  }
};
/// Shifting everything out leaves 0, or the sign.
struct LeftShift {
  template <typename T>
  static T apply(T a, T b) {
    bool inside = b >= T(0) && uint64_t(b) < 8 * sizeof(T);
    return inside ? T(Wrapping<T>(a) << unsigned(b)) : T(0);
  }
};
struct RightShift {
  template <typename T>
  static T apply(T a, T b) {
    bool inside = b >= T(0) && uint64_t(b) < 8 * sizeof(T);
    return inside ? T(a >> unsigned(b)) : T(a < T(0) ? T(-1) : T(0));
  }
};

struct Abs {
  template <typename T>
  static T apply(T a) {
    if constexpr (std::is_unsigned_v<T>)
      return a;
    else if constexpr (std::is_integral_v<T>)
      return a < 0 ? T(Wrapping<T>(0) - Wrapping<T>(a)) : a;
    else
      return std::fabs(a);
  }
};
struct Negative {
  template <typename T>
  static T apply(T a) {
    if constexpr (std::is_integral_v<T>)
      return T(Wrapping<T>(0) - Wrapping<T>(a));
    else
      return -a;
  }
};
struct Sign {
  template <typename T>
  static T apply(T a) {
    if constexpr (std::is_floating_point_v<T>)
      return a != a ? a : T((a > 0) - (a < 0));
    else
      return T((a > T(0)) - (a < T(0)));
  }
};
struct Square {
  template <typename T>
  static T apply(T a) {
    return Multiply::apply(a, a);
  }
};
struct LogicalNot {
  template <typename T>
  static bool apply(T a) {
    return a == T(0);
  }
};
struct BitwiseInvert {
  template <typename T>
  static T apply(T a) {
    if constexpr (std::is_same_v<T, bool>)
      return !a;
    else
      return T(~a);
  }
};
/// For integers and real numbers: conjugate, real part, floor of an integer.
struct Identity {
  template <typename T>
  static T apply(T a) {
    return a;
  }
};
struct Zero {
  template <typename T>
  static T apply(T) {
    return T(0);
  }
};

struct Floor {
  template <typename T>
  static T apply(T a) {
    return std::floor(a);
  }
};
struct Ceil {
  template <typename T>
  static T apply(T a) {
    return std::ceil(a);
  }
};
struct Trunc {
  template <typename T>
  static T apply(T a) {
    return std::trunc(a);
  }
};
struct Round {
  template <typename T>
  static T apply(T a) {
    return std::rint(a);
  }
};
struct Sqrt {
  template <typename T>
  static T apply(T a) {
    return std::sqrt(a);
  }
};
struct Rsqrt {
  template <typename T>
  static T apply(T a) {
    return T(1) / std::sqrt(a);
  }
};
struct Reciprocal {
  template <typename T>
  static T apply(T a) {
    return T(1) / a;
  }
};
struct Sigmoid {
  template <typename T>
  static T apply(T a) {
    T e = std::exp(-std::fabs(a));
    return (a < 0 ? e : T(1)) / (T(1) + e);
  }
};
/// M. Giles' approximation (GPU Computing Gems, 2011) and two Newton steps on erf.
struct ErfInv {
  static double apply(double y) {
    if (!(std::fabs(y) < 1))
      return std::fabs(y) == 1 ? std::copysign(std::numeric_limits<double>::infinity(), y)
                               : std::numeric_limits<double>::quiet_NaN();
    if (y == 0) return y;
    double w = -std::log((1 - y) * (1 + y)), x;
    if (w < 5) {
      w -= 2.5;
      x = 2.81022636e-08;
      for (double c : {3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                       -0.00125372503, -0.00417768164, 0.246640727, 1.50140941})
        x = c + x * w;
    } else {
      w = std::sqrt(w) - 3;
      x = -0.000200214257;
      for (double c : {0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
                       0.00943887047, 1.00167406, 2.83297682})
        x = c + x * w;
    }
    x *= y;
    constexpr double half_root_pi = 0.886226925452758013649;
    for (int i = 0; i < 2; ++i) {
      // Far out erf rounds to 1, so the difference is taken between the complements.
      double difference = std::erf(x) - y;
      if (std::fabs(y) > 0.5) {
        double above = (1 - std::fabs(y)) - std::erfc(std::fabs(x));
        difference = y < 0 ? -above : above;
      }
      x -= difference * half_root_pi * std::exp(x * x);
    }
    return x;
  }
};

/// Functions of the C library, for dtypes without a vector form.
#define MLX_LIBRARY_FUNCTION(Name, function) \
  struct Name {                              \
    template <typename T>                    \
    static T apply(T a) {                    \
      return std::function(a);               \
    }                                        \
  };
MLX_LIBRARY_FUNCTION(ArcCos, acos)
MLX_LIBRARY_FUNCTION(ArcCosh, acosh)
MLX_LIBRARY_FUNCTION(ArcSin, asin)
MLX_LIBRARY_FUNCTION(ArcSinh, asinh)
MLX_LIBRARY_FUNCTION(ArcTan, atan)
MLX_LIBRARY_FUNCTION(ArcTanh, atanh)
MLX_LIBRARY_FUNCTION(Cos, cos)
MLX_LIBRARY_FUNCTION(Cosh, cosh)
MLX_LIBRARY_FUNCTION(Erf, erf)
MLX_LIBRARY_FUNCTION(Exp, exp)
MLX_LIBRARY_FUNCTION(Expm1, expm1)
MLX_LIBRARY_FUNCTION(Log, log)
MLX_LIBRARY_FUNCTION(Log10, log10)
MLX_LIBRARY_FUNCTION(Log1p, log1p)
MLX_LIBRARY_FUNCTION(Log2, log2)
MLX_LIBRARY_FUNCTION(Sin, sin)
MLX_LIBRARY_FUNCTION(Sinh, sinh)
MLX_LIBRARY_FUNCTION(Tan, tan)
MLX_LIBRARY_FUNCTION(Tanh, tanh)
#undef MLX_LIBRARY_FUNCTION

template <typename T>
using FloatBits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

/// The nearest value of another dtype: floats saturate in integers and NaN gives 0.
template <typename To, typename From>
To convert(From value) {
  if constexpr (is_complex_v<To>) {
    if constexpr (is_complex_v<From>)
      return value;
    else
      return To(float(value));
  } else if constexpr (is_complex_v<From>) {
    if constexpr (std::is_same_v<To, bool>)
      return value.real() != 0 || value.imag() != 0;
    else
      return convert<To>(value.real());
  } else if constexpr (is_half_v<From> && !std::is_same_v<From, To>) {
    return convert<To>(float(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (is_half_v<To> && std::is_same_v<From, double>) {
    // Rounding twice is harmless when the first time rounds to odd (Boldo and Melquiond 2008).
    float nearest = float(value);
    if (double(nearest) == value || value != value || std::isinf(nearest)) return To(nearest);
    auto bits = std::bit_cast<uint32_t>(nearest);
    if (std::fabs(double(nearest)) > std::fabs(value)) --bits;
    return To(std::bit_cast<float>(bits | 1));
  } else if constexpr (is_half_v<To> && std::is_integral_v<From> && sizeof(From) == 4) {
    return convert<To>(double(value));
  } else if constexpr (is_half_v<To> && std::is_integral_v<From> && sizeof(From) == 8) {
    // To odd again: the bits that a float64 has no room for leave their trace in the lowest.
    uint64_t magnitude = value < From(0) ? uint64_t(0) - uint64_t(value) : uint64_t(value);
    if (magnitude >> 53)
      magnitude = (magnitude & ~uint64_t(0xfff)) | ((magnitude & 0xfff) != 0) << 12;
    return convert<To>(value < From(0) ? -double(magnitude) : double(magnitude));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // Without branches, and converting only what is in range, so that it can be vectorised.
    using Limits = std::numeric_limits<To>;
    constexpr From low = From(Limits::min());
    constexpr From past_end = From(2) * From(To(1) << (Limits::digits - 1));
    From largest = std::bit_cast<From>(std::bit_cast<FloatBits<From>>(past_end) - 1);
    From bounded = value > low ? value : low;
    bounded = bounded < largest ? bounded : largest;
    bounded = value == value ? bounded : From(0);
    To converted = To(bounded);
    return value >= past_end ? Limits::max() : converted;
  } else {
    return To(value);
  }
}

}  // namespace mlx::core::cpu::scalar
