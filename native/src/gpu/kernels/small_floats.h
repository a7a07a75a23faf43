// The floating types of 4 and 8 bits (Open Compute Project, OFP8 and Microscaling Formats 1.0).
#include "gpu/kernels/exponential.h"
#include "gpu/kernels/logarithm.h"

/// E4M3: sign, four bits of exponent with bias 7, three of mantissa; no infinity.
inline float e4m3_to_float(uint code) {
  const int exponent = int(code >> 3 & 15u);
  const uint mantissa = code & 7u;
  const float magnitude = (code & 0x7fu) == 0x7fu ? NAN
                          : exponent == 0         ? float(mantissa) * 0x1p-9f
                                          : float(8u + mantissa) * power_of_two(exponent - 10);
  return code & 0x80u ? -magnitude : magnitude;
}

/// To nearest, ties to even; what is larger than 448 becomes 448.
inline uint float_to_e4m3(float x) {
  const uint bits = as_type<uint>(x), sign = bits >> 24 & 0x80u;
  const float magnitude = fabs(x);
  if (is_nan(x)) return sign | 0x7fu;
  if (magnitude >= 448.0f) return sign | 0x7eu;
  // Adding 2^14 leaves multiples of 2^-9, the step of subnormal numbers.
  if (magnitude < 0x1p-6f) return sign | (as_type<uint>(magnitude + 0x1p14f) & 15u);
  uint rounded = bits & 0x7fffffffu;
  rounded += 0x7ffffu + (rounded >> 20 & 1u);
  return sign | ((rounded >> 20) - (120u << 3));
}

/// E8M0: powers of two from 2^-127 on; 255 is NaN.
inline float e8m0_to_float(uint code) {
  return code == 255u ? NAN : code == 0u ? 0x1p-127f : power_of_two(int(code) - 127);
}

/// The power of two nearest to a number by its logarithm: the one above from 2^0.5 on.
inline uint float_to_e8m0(float x) {
  if (!is_bounded(x)) return 255u;
  if (!(x > 0.0f)) return 0u;
  uint bits = as_type<uint>(x);
  // Of subnormal numbers 2^-127 and what is above 2^-126.5 are left.
  if (bits < 0x800000u) return x < 0x1.6a09e6p-127f ? 0u : 1u;
  const uint exponent = bits >> 23, mantissa = bits & 0x7fffffu;
  const uint code = exponent + (mantissa > 0x3504f3u ? 1u : 0u);
  return code > 254u ? 254u : code;
}

/// E2M1: sign, two bits of exponent, one of mantissa. Both zeros are 0.
inline float e2m1_to_float(uint code) {
  const uint exponent = code >> 1 & 3u, mantissa = code & 1u;
  const float magnitude = exponent == 0u ? 0.5f * float(mantissa)
                                         : float(2u + mantissa) * power_of_two(int(exponent) - 2);
  return (code & 8u) != 0u && magnitude != 0.0f ? -magnitude : magnitude;
}

/// To nearest, ties to the even code; what is larger than 6 becomes 6.
inline uint float_to_e2m1(float x) {
  const float size = fabs(x);
  const uint code = uint(size > 0.25f) + uint(size >= 0.75f) + uint(size > 1.25f) +
                    uint(size >= 1.75f) + uint(size > 2.5f) + uint(size >= 3.5f) +
                    uint(size > 5.0f);
  return code | (as_type<uint>(x) >> 31 << 3);
}
