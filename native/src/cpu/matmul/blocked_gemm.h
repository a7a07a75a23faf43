#pragma once

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// By the engine's own tiles, which read copies of A and B that all threads share: Goto and van de
/// Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008.
template <typename T>
void multiply_blocked(const Product<T>& product);

/// Whether that is faster than the BLAS, which lets every thread copy what it reads.
template <typename T>
bool is_for_blocks(const Product<T>& product);

}  // namespace mlx::core::cpu
