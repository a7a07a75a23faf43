#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace mlx::core::cpu {

// The floating types of 4 and 8 bits (Open Compute Project, OFP8 and Microscaling Formats 1.0).

/// E4M3: sign, four bits of exponent with bias 7, three of mantissa; no infinity.
inline float e4m3_to_float(uint8_t code) {
  const int exponent = code >> 3 & 15, mantissa = code & 7;
  const float magnitude = (code & 0x7f) == 0x7f ? std::numeric_limits<float>::quiet_NaN()
                          : exponent == 0       ? float(mantissa) * 0x1p-9f
                                                : std::ldexp(float(8 + mantissa), exponent - 10);
  return code & 0x80 ? -magnitude : magnitude;
}

/// To nearest, ties to even; what is larger than 448 becomes 448.
inline uint8_t float_to_e4m3(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  const uint8_t sign = uint8_t(bits >> 24 & 0x80);
  const float magnitude = std::bit_cast<float>(bits & 0x7fffffffu);
  if (std::isnan(x)) return uint8_t(sign | 0x7f);
  if (magnitude >= 448) return uint8_t(sign | 0x7e);
  // Adding 2^14 leaves multiples of 2^-9, the step of subnormal numbers.
  if (magnitude < 0x1p-6f)
    return uint8_t(sign | (std::bit_cast<uint32_t>(magnitude + 0x1p14f) & 15));
  uint32_t rounded = bits & 0x7fffffffu;
  rounded += 0x7ffffu + (rounded >> 20 & 1u);
  return uint8_t(sign | ((rounded >> 20) - (120u << 3)));
}

/// E8M0: powers of two from 2^-127 on; 255 is NaN.
inline float e8m0_to_float(uint8_t code) {
  return code == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0f, int(code) - 127);
}

/// The power of two nearest to a number by its logarithm.
inline uint8_t float_to_e8m0(float x) {
  if (!std::isfinite(x)) return 255;
  if (x <= 0) return 0;
  const float exponent = std::round(std::log2(x));
  return uint8_t(std::fmin(std::fmax(exponent, -127.0f), 127.0f) + 127);
}

/// E2M1 in halves: sign, two bits of exponent, one of mantissa.
alignas(16) inline constexpr int8_t kE2m1Halves[16] = {0, 1,  2,  3,  4,  6,  8,  12,
                                                       0, -1, -2, -3, -4, -6, -8, -12};

/// To nearest, ties to the even code; what is larger than 6 becomes 6.
inline uint8_t float_to_e2m1(float x) {
  const float size = std::fabs(x);
  const int code = (size > 0.25f) + (size >= 0.75f) + (size > 1.25f) + (size >= 1.75f) +
                   (size > 2.5f) + (size >= 3.5f) + (size > 5.0f);
  return uint8_t(code | (std::signbit(x) ? 8 : 0));
}

}  // namespace mlx::core::cpu
