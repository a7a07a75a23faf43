#pragma once

#include <cstdint>

namespace mlx::core::cpu {

// Codes of `bits` bits follow each other from the low bits up; eight of them fill `bits` bytes.

/// Writes count codes, a multiple of eight, one a byte.
void unpack_codes(int bits, const uint8_t* packed, int64_t count, uint8_t* codes);

/// The way back.
void pack_codes(int bits, const uint8_t* codes, int64_t count, uint8_t* packed);

}  // namespace mlx::core::cpu
