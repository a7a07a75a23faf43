#pragma once

#include <algorithm>

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// The most rows of A, or columns of B, that make a thin product.
template <typename T>
inline constexpr int64_t kMaxThin = is_complex_v<T> ? 2 : 4;

template <typename T>
bool is_thin(const Product<T>& product) {
  return std::min(product.m, product.n) <= kMaxThin<T>;
}

/// Matrix times a few vectors: reads the large matrix once, as it lies, at the memory's speed.
template <typename T>
void multiply_thin(const Product<T>& product);

}  // namespace mlx::core::cpu
