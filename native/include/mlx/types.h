#pragma once

#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace mlx::core {

/// IEEE 754 binary16. Arithmetic happens in float32; storing rounds to nearest, ties to even.
struct float16_t {
  uint16_t bits_;

  float16_t() = default;
  constexpr float16_t(float value) : bits_(from_float(value)) {}
  template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T>>>
  constexpr float16_t(T value) : float16_t(static_cast<float>(value)) {}

  constexpr operator float() const {
    uint32_t sign = uint32_t(bits_ & 0x8000u) << 16;
    uint32_t exponent = (bits_ >> 10) & 0x1fu;
    uint32_t mantissa = bits_ & 0x3ffu;
    if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
    if (exponent == 0) {
      float magnitude = float(mantissa) * 0x1p-24f;
      return sign ? -magnitude : magnitude;
    }
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }

  static constexpr float16_t from_bits(uint16_t bits) {
    float16_t value{};
    value.bits_ = bits;
    return value;
  }

 private:
  static constexpr uint16_t from_float(float value) {
    uint32_t u = std::bit_cast<uint32_t>(value);
    uint16_t sign = uint16_t((u >> 16) & 0x8000u);
    u &= 0x7fffffffu;
    if (u > 0x7f800000u) return uint16_t(sign | 0x7e00u | ((u >> 13) & 0x3ffu));
    if (u >= 0x477ff000u) return uint16_t(sign | 0x7c00u);
    if (u < 0x38800000u) {
      // Adding 0.5 lines the subnormal's last bit up with float32's, so the hardware rounds it.
      float shifted = std::bit_cast<float>(u) + 0.5f;
      return uint16_t(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
    }
    u += 0xfffu + ((u >> 13) & 1u);
    return uint16_t(sign | ((u - (112u << 23)) >> 13));
  }
};

/// The upper half of a float32. Arithmetic happens in float32; storing rounds to nearest even.
struct bfloat16_t {
  uint16_t bits_;

  bfloat16_t() = default;
  constexpr bfloat16_t(float value) : bits_(from_float(value)) {}
  template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T>>>
  constexpr bfloat16_t(T value) : bfloat16_t(static_cast<float>(value)) {}

  constexpr operator float() const { return std::bit_cast<float>(uint32_t(bits_) << 16); }

  static constexpr bfloat16_t from_bits(uint16_t bits) {
    bfloat16_t value{};
    value.bits_ = bits;
    return value;
  }

 private:
  static constexpr uint16_t from_float(float value) {
    uint32_t u = std::bit_cast<uint32_t>(value);
    if ((u & 0x7fffffffu) > 0x7f800000u) return uint16_t((u >> 16) | 0x40u);
    return uint16_t((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
};

/// Two float32: real and imaginary part.
struct complex64_t : public std::complex<float> {
  complex64_t() = default;
  constexpr complex64_t(float re, float im = 0.0f) : std::complex<float>(re, im) {}
  constexpr complex64_t(const std::complex<float>& value) : std::complex<float>(value) {}
  template <typename T,
            typename = std::enable_if_t<std::is_arithmetic_v<T> || std::is_same_v<T, float16_t> ||
                                        std::is_same_v<T, bfloat16_t>>>
  constexpr complex64_t(T value) : std::complex<float>(static_cast<float>(value), 0.0f) {}

  /// The real part, as MLX has it; a truth value is about both parts.
  constexpr operator float() const { return real(); }
  constexpr explicit operator bool() const { return real() != 0 || imag() != 0; }
};

template <typename T>
inline constexpr bool is_half_v = std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>;
template <typename T>
inline constexpr bool is_complex_v = std::is_same_v<T, complex64_t>;
/// True for every real floating type, the half types included.
template <typename T>
inline constexpr bool is_floating_v = std::is_floating_point_v<T> || is_half_v<T>;

// Templates, because real numbers convert to complex ones, which shall not make comparing two of
// them ambiguous.
template <typename C, typename T>
inline constexpr bool is_complex_and_real_v =
    is_complex_v<C> && (std::is_arithmetic_v<T> || is_half_v<T>);

/// Beside a complex number a real one is complex too; without these it would be the other way
/// round.
#define MLX_COMPLEX_OPERATOR(symbol)                                                        \
  template <typename C, typename T, std::enable_if_t<is_complex_and_real_v<C, T>, int> = 0> \
  constexpr auto operator symbol(const C& a, T b) {                                         \
    return std::complex<float>(a) symbol std::complex<float>(float(b));                     \
  }                                                                                         \
  template <typename T, typename C, std::enable_if_t<is_complex_and_real_v<C, T>, int> = 0> \
  constexpr auto operator symbol(T a, const C& b) {                                         \
    return std::complex<float>(float(a)) symbol std::complex<float>(b);                     \
  }
MLX_COMPLEX_OPERATOR(+)
MLX_COMPLEX_OPERATOR(-)
MLX_COMPLEX_OPERATOR(*)
MLX_COMPLEX_OPERATOR(/)
MLX_COMPLEX_OPERATOR(==)
MLX_COMPLEX_OPERATOR(!=)
#undef MLX_COMPLEX_OPERATOR

/// The order of the real parts, and of the imaginary ones where those are equal.
#define MLX_COMPLEX_ORDER(symbol)                                                      \
  template <typename C, std::enable_if_t<is_complex_v<C>, int> = 0>                    \
  constexpr bool operator symbol(const C& a, const C& b) {                             \
    return a.real() == b.real() ? a.imag() symbol b.imag() : a.real() symbol b.real(); \
  }
MLX_COMPLEX_ORDER(<)
MLX_COMPLEX_ORDER(>)
MLX_COMPLEX_ORDER(<=)
MLX_COMPLEX_ORDER(>=)
#undef MLX_COMPLEX_ORDER

}  // namespace mlx::core

template <>
class std::numeric_limits<mlx::core::float16_t> {
  using T = mlx::core::float16_t;

 public:
  static constexpr bool is_specialized = true, is_signed = true, has_infinity = true;
  static constexpr int digits = 11;
  static constexpr T min() { return T::from_bits(0x0400); }
  static constexpr T lowest() { return T::from_bits(0xfbff); }
  static constexpr T max() { return T::from_bits(0x7bff); }
  static constexpr T epsilon() { return T::from_bits(0x1400); }
  static constexpr T infinity() { return T::from_bits(0x7c00); }
  static constexpr T quiet_NaN() { return T::from_bits(0x7e00); }
};

template <>
class std::numeric_limits<mlx::core::bfloat16_t> {
  using T = mlx::core::bfloat16_t;

 public:
  static constexpr bool is_specialized = true, is_signed = true, has_infinity = true;
  static constexpr int digits = 8;
  static constexpr T min() { return T::from_bits(0x0080); }
  static constexpr T lowest() { return T::from_bits(0xff7f); }
  static constexpr T max() { return T::from_bits(0x7f7f); }
  static constexpr T epsilon() { return T::from_bits(0x3c00); }
  static constexpr T infinity() { return T::from_bits(0x7f80); }
  static constexpr T quiet_NaN() { return T::from_bits(0x7fc0); }
};
