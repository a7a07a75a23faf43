#pragma once

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// For integers, whose sums wrap, and bool, which has "or" for a sum and "and" for a product.
template <typename T>
void multiply_integers(const Product<T>& product);

}  // namespace mlx::core::cpu
