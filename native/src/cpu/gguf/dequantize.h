#pragma once

#include "io/gguf_block_format.h"
#include "mlx/types.h"

namespace mlx::core::cpu {

/// The values of blocks one after another, of a kind that isn't MLX's own quantisation.
void dequantize_gguf(const io::GgufBlockFormat& format, const uint8_t* blocks, size_t count,
                     float16_t* out);

/// Blocks of MLX's own quantisation: packed values, and a scale and a bias for each block, with
/// value = scale * packed + bias.
void unpack_gguf(const io::GgufBlockFormat& format, const uint8_t* blocks, size_t count,
                 uint32_t* packed, float16_t* scales, float16_t* biases);

}  // namespace mlx::core::cpu
