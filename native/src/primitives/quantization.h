#pragma once

#include <cstdint>

namespace mlx::core {

enum class QuantizationMode : uint8_t { affine, mxfp4, mxfp8, nvfp4 };

/// How the elements of a quantized matrix are held.
struct Quantization {
  QuantizationMode mode;
  int group_size;
  int bits;

  bool is_affine() const { return mode == QuantizationMode::affine; }
};

}  // namespace mlx::core
