#pragma once

#include <cstddef>
#include <cstdint>

namespace mlx::core::io {

/// The kinds of blocks that gguf files pack values in.
enum class GgufBlock : uint8_t { q4_0, q4_1, q5_0, q5_1, q8_0, q2_k, q3_k, q4_k, q5_k, q6_k, q8_k };

struct GgufBlockFormat {
  GgufBlock kind;
  /// The file's number of the type.
  uint32_t type;
  /// Values a block, and the bytes they take.
  size_t values, bytes;
  /// Bits a value, where a block is a group of MLX's quantisation; 0 where it isn't.
  int affine_bits;
};

inline constexpr GgufBlockFormat gguf_block_formats[] = {
    {GgufBlock::q4_0, 2, 32, 18, 4},    {GgufBlock::q4_1, 3, 32, 20, 4},
    {GgufBlock::q5_0, 6, 32, 22, 0},    {GgufBlock::q5_1, 7, 32, 24, 0},
    {GgufBlock::q8_0, 8, 32, 34, 8},    {GgufBlock::q2_k, 10, 256, 84, 0},
    {GgufBlock::q3_k, 11, 256, 110, 0}, {GgufBlock::q4_k, 12, 256, 144, 0},
    {GgufBlock::q5_k, 13, 256, 176, 0}, {GgufBlock::q6_k, 14, 256, 210, 0},
    {GgufBlock::q8_k, 15, 256, 292, 0},
};

/// The format with a file's number, or null.
constexpr const GgufBlockFormat* find_gguf_block_format(uint32_t type) {
  for (auto& format : gguf_block_formats)
    if (format.type == type) return &format;
  return nullptr;
}

}  // namespace mlx::core::io
