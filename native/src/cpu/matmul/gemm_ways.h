#pragma once

#include <algorithm>

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

// The ways to multiply matrices; gemm.cpp chooses.

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

/// By the engine's own tiles in registers, which cost nothing to start. For products of which B's
/// panels stay in the cache.
template <typename T>
void multiply_small(const Product<T>& product);

/// Whether the multiplication above is the faster one.
template <typename T>
bool is_small(const Product<T>& product);

/// By the engine's own tiles, which read copies of A and B that all threads share: Goto and van de
/// Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008.
template <typename T>
void multiply_blocked(const Product<T>& product);

/// Whether that is faster than the BLAS, which lets every thread copy what it reads.
template <typename T>
bool is_for_blocks(const Product<T>& product);

/// By the BLAS, on tiles that the thread pool shares out. For products that are worth its overhead.
template <typename T>
void multiply_large(const Product<T>& product);

/// For integers, whose sums wrap, and bool, which has "or" for a sum and "and" for a product.
template <typename T>
void multiply_integers(const Product<T>& product);

}  // namespace mlx::core::cpu
