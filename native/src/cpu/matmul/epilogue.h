#pragma once

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// d = alpha * sums + beta * c for a run of elements, rounded once; `sums` may be d itself.
template <typename T>
void finish_run(const Product<T>& product, int64_t count, const Wide<T>* sums, const T* c,
                int64_t c_stride, T* d, int64_t d_stride);

/// The same for the block of D that begins at (row, column).
template <typename T>
void finish_block(const Product<T>& product, int64_t row, int64_t column, int64_t rows,
                  int64_t columns, const Wide<T>* sums, int64_t sums_row_stride);

}  // namespace mlx::core::cpu
