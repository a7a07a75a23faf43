#pragma once

#include <cstdint>

#include "cpu/linalg/column_products.h"

namespace mlx::core::cpu {

/// What a block of columns below the diagonal adds to the product of a symmetric matrix with a
/// vector: sum += a @ x for the rows, and dots += a^T @ v for the rows that mirror the columns.
/// Reads the block once.
template <typename T>
void add_symmetric_products(const Columns<T>& a, const T* x, const T* v, T* sum, T* dots);

}  // namespace mlx::core::cpu
