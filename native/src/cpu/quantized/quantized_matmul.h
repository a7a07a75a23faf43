#pragma once

#include <cstdint>
#include <span>

#include "cpu/quantized/quantized_matrix.h"

namespace mlx::core::cpu {

/// One product: contiguous rows x (m, inner) and out (m, outputs), and a quantized matrix.
struct QuantizedProduct {
  const void* x;
  QuantizedMatrix w;
  void* out;
};

/// out = x @ w^T, or without `transpose` x @ w, for products of one size. x and out are float16,
/// bfloat16 or float32; sums are kept in float32 and rounded once. The bits don't depend on the
/// number of threads.
void multiply_quantized(Dtype dtype, int64_t m, bool transpose,
                        std::span<const QuantizedProduct> products);

}  // namespace mlx::core::cpu
