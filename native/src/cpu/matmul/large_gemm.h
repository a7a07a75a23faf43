#pragma once

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// By the BLAS, on tiles that the thread pool shares out. For products that are worth its overhead.
template <typename T>
void multiply_large(const Product<T>& product);

}  // namespace mlx::core::cpu
