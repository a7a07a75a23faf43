#include "cpu/quantized/codes.h"

#include <cstring>

namespace mlx::core::cpu {
namespace {

/// Eight codes in the low bits, spread to a byte each by halving runs three times.
template <int kBits>
uint64_t spread(uint64_t x) {
  constexpr uint64_t four = (uint64_t(1) << 4 * kBits) - 1;
  constexpr uint64_t two = ((uint64_t(1) << 2 * kBits) - 1) * 0x0000000100000001u;
  constexpr uint64_t one = ((uint64_t(1) << kBits) - 1) * 0x0001000100010001u;
  x = (x & four) | (x >> 4 * kBits & four) << 32;
  x = (x & two) | (x >> 2 * kBits & two) << 16;
  return (x & one) | (x >> kBits & one) << 8;
}

template <int kBits>
uint64_t gather(uint64_t x) {
  constexpr uint64_t four = (uint64_t(1) << 4 * kBits) - 1;
  constexpr uint64_t two = ((uint64_t(1) << 2 * kBits) - 1) * 0x0000000100000001u;
  constexpr uint64_t one = ((uint64_t(1) << kBits) - 1) * 0x0001000100010001u;
  x = (x & one) | (x >> 8 & one) << kBits;
  x = (x & two) | (x >> 16 & two) << 2 * kBits;
  return (x & four) | (x >> 32 & four) << 4 * kBits;
}

template <int kBits>
void unpack(const uint8_t* packed, int64_t count, uint8_t* codes) {
  auto unpack_eight = [&](int64_t i, uint64_t x) {
    x = spread<kBits>(x);
    std::memcpy(codes + i, &x, 8);
  };
  int64_t i = 0;
  // Reads of eight bytes, though not past the end.
  for (; (count - i) * kBits >= 64; i += 8) {
    uint64_t x;
    std::memcpy(&x, packed + i / 8 * kBits, 8);
    unpack_eight(i, x);
  }
  for (; i < count; i += 8) {
    uint64_t x = 0;
    std::memcpy(&x, packed + i / 8 * kBits, kBits);
    unpack_eight(i, x);
  }
}

template <int kBits>
void pack(const uint8_t* codes, int64_t count, uint8_t* packed) {
  for (int64_t i = 0; i < count; i += 8) {
    uint64_t x;
    std::memcpy(&x, codes + i, 8);
    x = gather<kBits>(x);
    std::memcpy(packed + i / 8 * kBits, &x, kBits);
  }
}

}  // namespace

void unpack_codes(int bits, const uint8_t* packed, int64_t count, uint8_t* codes) {
  switch (bits) {
    case 2:
      return unpack<2>(packed, count, codes);
    case 3:
      return unpack<3>(packed, count, codes);
    case 4:
      return unpack<4>(packed, count, codes);
    case 5:
      return unpack<5>(packed, count, codes);
    case 6:
      return unpack<6>(packed, count, codes);
    default:
      std::memcpy(codes, packed, size_t(count));
  }
}

void pack_codes(int bits, const uint8_t* codes, int64_t count, uint8_t* packed) {
  switch (bits) {
    case 2:
      return pack<2>(codes, count, packed);
    case 3:
      return pack<3>(codes, count, packed);
    case 4:
      return pack<4>(codes, count, packed);
    case 5:
      return pack<5>(codes, count, packed);
    case 6:
      return pack<6>(codes, count, packed);
    default:
      std::memcpy(packed, codes, size_t(count));
  }
}

}  // namespace mlx::core::cpu
