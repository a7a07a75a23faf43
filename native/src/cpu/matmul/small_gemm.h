#pragma once

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// By the engine's own tiles in registers, which cost nothing to start. For products of which B's
/// panels stay in the cache.
template <typename T>
void multiply_small(const Product<T>& product);

/// Whether the multiplication above is the faster one.
template <typename T>
bool is_small(const Product<T>& product);

}  // namespace mlx::core::cpu
