#pragma once

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// A matrix and up to kMaxVectors vectors to multiply it with; `out` gets a vector for each.
inline constexpr int64_t kMaxVectors = 4;

template <typename T>
struct VectorProduct {
  const T* matrix;
  /// Elements between two rows of contiguous elements.
  int64_t row_stride;
  int64_t rows, columns;
  int64_t vectors;
  const Wide<T>* x;
  int64_t x_stride;
  Wide<T>* out;
  int64_t out_stride;
};

/// out[v][r] = sum over c of matrix[r][c] * x[v][c].
template <typename T>
void dot_rows(const VectorProduct<T>& product);

/// out[v][c] = sum over r of matrix[r][c] * x[v][r].
template <typename T>
void add_rows(const VectorProduct<T>& product);

}  // namespace mlx::core::cpu
