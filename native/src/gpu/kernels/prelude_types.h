// Types that Metal's language has and C++ does not: half types, vectors of coordinates, bit casts.
// For CUDA and the emulator, after the prelude that is theirs alone.

using uchar = uint8_t;
using ushort = uint16_t;
using uint = uint32_t;
using ulong = uint64_t;

struct uint3 {
  uint x, y, z;
};

/// A float16 in memory. Arithmetic happens in float32; storing rounds to nearest even.
struct half {
  ushort bits;

  half() = default;
  explicit half(float value) : bits(float_to_half(value)) {}
  operator float() const { return half_to_float(bits); }
};

/// The upper half of a float32 in memory, with the same rules.
struct bfloat {
  ushort bits;

  bfloat() = default;
  explicit bfloat(float value) : bits(float_to_bfloat(value)) {}
  operator float() const { return as_type<float>(uint(bits) << 16); }
};
