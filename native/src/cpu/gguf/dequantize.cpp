#include "cpu/gguf/dequantize.h"

#include <cstring>

#include "runtime/thread_pool.h"

// The layouts are those of the block types of ggml (https://github.com/ggml-org/ggml). A block of
// "K" kind has 256 values in sub-blocks of 16 or 32, whose scales are quantised in their turn.

namespace mlx::core::cpu {
namespace {

constexpr size_t large_block = 256;
constexpr size_t small_block = 32;
constexpr size_t blocks_per_chunk = 1024;

float read_half(const uint8_t* bytes) {
  return float16_t::from_bits(uint16_t(bytes[0] | bytes[1] << 8));
}

int bits(uint8_t byte, int shift, int mask) { return byte >> shift & mask; }

/// Values of five bits, whose fifth ones stand apart; without a minimum they are centred.
void dequantize_q5(const uint8_t* block, bool has_minimum, float16_t* out) {
  float scale = read_half(block);
  float minimum = has_minimum ? read_half(block + 2) : 0;
  int centre = has_minimum ? 0 : 16;
  const uint8_t* high = block + (has_minimum ? 4 : 2);
  const uint8_t* low = high + 4;
  for (size_t i = 0; i < small_block; ++i) {
    int value = bits(low[i % 16], i < 16 ? 0 : 4, 15) | bits(high[i / 8], int(i % 8), 1) << 4;
    out[i] = scale * float(value - centre) + minimum;
  }
}

void dequantize_q2_k(const uint8_t* block, float16_t* out) {
  const uint8_t* scales = block;
  const uint8_t* packed = block + 16;
  float scale = read_half(block + 80), minimum = read_half(block + 82);
  for (size_t i = 0; i < large_block; ++i) {
    uint8_t sub = scales[i / 16];
    int value = bits(packed[i / 128 * 32 + i % 32], int(i % 128 / 32) * 2, 3);
    out[i] = scale * float(sub & 15) * float(value) - minimum * float(sub >> 4);
  }
}

void dequantize_q3_k(const uint8_t* block, float16_t* out) {
  const uint8_t* high = block;
  const uint8_t* packed = block + 32;
  const uint8_t* scales = block + 96;
  float scale = read_half(block + 108);
  float sub_scales[16];
  for (size_t i = 0; i < 16; ++i) {
    int low = bits(scales[i % 8], i < 8 ? 0 : 4, 15);
    int value = low | bits(scales[8 + i % 4], int(i / 4) * 2, 3) << 4;
    sub_scales[i] = scale * float(value - 32);
  }
  for (size_t i = 0; i < large_block; ++i) {
    int low = bits(packed[i / 128 * 32 + i % 32], int(i % 128 / 32) * 2, 3);
    int value = low | bits(high[i % 32], int(i / 32), 1) << 2;
    out[i] = sub_scales[i / 16] * float(value - 4);
  }
}

/// Eight scales and eight minima of six bits in twelve bytes: the first four of each stand in the
/// low bits, the others in nibbles with their upper bits above those of the first.
void read_scales_and_minima(const uint8_t* bytes, float scale, float minimum, float* scales,
                            float* minima) {
  for (size_t i = 0; i < 4; ++i) {
    scales[i] = scale * float(bytes[i] & 63);
    minima[i] = minimum * float(bytes[i + 4] & 63);
    scales[i + 4] = scale * float((bytes[i + 8] & 15) | bytes[i] >> 6 << 4);
    minima[i + 4] = minimum * float(bytes[i + 8] >> 4 | bytes[i + 4] >> 6 << 4);
  }
}

/// Values of four or five bits.
void dequantize_q45_k(const uint8_t* block, bool has_fifth_bits, float16_t* out) {
  float scales[8], minima[8];
  read_scales_and_minima(block + 4, read_half(block), read_half(block + 2), scales, minima);
  const uint8_t* high = block + 16;
  const uint8_t* packed = high + (has_fifth_bits ? 32 : 0);
  for (size_t i = 0; i < large_block; ++i) {
    size_t sub = i / 32;
    int value = bits(packed[i / 64 * 32 + i % 32], sub % 2 ? 4 : 0, 15);
    if (has_fifth_bits) value |= bits(high[i % 32], int(sub), 1) << 4;
    out[i] = scales[sub] * float(value) - minima[sub];
  }
}

void dequantize_q6_k(const uint8_t* block, float16_t* out) {
  const uint8_t* low = block;
  const uint8_t* high = block + 128;
  const uint8_t* scales = block + 192;
  float scale = read_half(block + 208);
  for (size_t i = 0; i < large_block; ++i) {
    size_t half = i / 128, within = i % 128;
    int value = bits(low[half * 64 + within % 64], within < 64 ? 0 : 4, 15) |
                bits(high[half * 32 + within % 32], int(within / 32) * 2, 3) << 4;
    out[i] = scale * float(int8_t(scales[i / 16])) * float(value - 32);
  }
}

void dequantize_q8_k(const uint8_t* block, float16_t* out) {
  float scale;
  std::memcpy(&scale, block, sizeof scale);
  for (size_t i = 0; i < large_block; ++i) out[i] = scale * float(int8_t(block[4 + i]));
}

void dequantize_block(io::GgufBlock kind, const uint8_t* block, float16_t* out) {
  switch (kind) {
    case io::GgufBlock::q5_0:
      return dequantize_q5(block, false, out);
    case io::GgufBlock::q5_1:
      return dequantize_q5(block, true, out);
    case io::GgufBlock::q2_k:
      return dequantize_q2_k(block, out);
    case io::GgufBlock::q3_k:
      return dequantize_q3_k(block, out);
    case io::GgufBlock::q4_k:
      return dequantize_q45_k(block, false, out);
    case io::GgufBlock::q5_k:
      return dequantize_q45_k(block, true, out);
    case io::GgufBlock::q6_k:
      return dequantize_q6_k(block, out);
    case io::GgufBlock::q8_k:
      return dequantize_q8_k(block, out);
    case io::GgufBlock::q4_0:
    case io::GgufBlock::q4_1:
    case io::GgufBlock::q8_0:
      return;
  }
}

/// Nibbles i and i + 16 share a byte; MLX has i and i + 1 in one.
void unpack_nibbles(const uint8_t* nibbles, uint32_t* packed) {
  for (size_t word = 0; word < 4; ++word) {
    packed[word] = 0;
    for (size_t i = 0; i < 8; ++i) {
      uint32_t value = uint32_t(bits(nibbles[word % 2 * 8 + i], word < 2 ? 0 : 4, 15));
      packed[word] |= value << (4 * i);
    }
  }
}

/// MLX's bytes have no sign.
void unpack_bytes(const uint8_t* bytes, uint32_t* packed) {
  for (size_t word = 0; word < 8; ++word) {
    packed[word] = 0;
    for (size_t i = 0; i < 4; ++i) packed[word] |= uint32_t(bytes[word * 4 + i] ^ 0x80) << (8 * i);
  }
}

}  // namespace

void dequantize_gguf(const io::GgufBlockFormat& format, const uint8_t* blocks, size_t count,
                     float16_t* out) {
  parallel_for(count, blocks_per_chunk, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i)
      dequantize_block(format.kind, blocks + i * format.bytes, out + i * format.values);
  });
}

void unpack_gguf(const io::GgufBlockFormat& format, const uint8_t* blocks, size_t count,
                 uint32_t* packed, float16_t* scales, float16_t* biases) {
  size_t words = format.values * size_t(format.affine_bits) / 32;
  parallel_for(count, blocks_per_chunk, [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const uint8_t* block = blocks + i * format.bytes;
      float scale = read_half(block);
      scales[i] = scale;
      switch (format.kind) {
        case io::GgufBlock::q4_1:
          biases[i] = read_half(block + 2);
          unpack_nibbles(block + 4, packed + i * words);
          break;
        case io::GgufBlock::q8_0:
          biases[i] = -128 * scale;
          unpack_bytes(block + 2, packed + i * words);
          break;
        default:
          biases[i] = -8 * scale;
          unpack_nibbles(block + 2, packed + i * words);
      }
    }
  });
}

}  // namespace mlx::core::cpu
