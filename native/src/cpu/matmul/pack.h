#pragma once

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// Copies a matrix as the type of sums, contiguous along the axis along which it lies closer
/// together; returns the copy's view. `out` has room for rows * columns elements.
template <typename T>
MatrixView<Wide<T>> pack_matrix(const MatrixView<T>& in, int64_t rows, int64_t columns,
                                Wide<T>* out);

/// Copies `count` elements that are a stride apart.
template <typename T>
void gather_run(const T* in, int64_t stride, int64_t count, Wide<T>* out);

}  // namespace mlx::core::cpu
