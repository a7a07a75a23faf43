#pragma once

#include <cstdint>
#include <type_traits>

#include "mlx/types.h"

namespace mlx::core::cpu {

/// What sums of products of a type are kept in.
template <typename T>
using Wide = std::conditional_t<is_half_v<T>, float, T>;

template <typename T>
struct MatrixView {
  const T* data;
  int64_t row_stride;
  int64_t column_stride;

  const T* at(int64_t row, int64_t column) const {
    return data + row * row_stride + column * column_stride;
  }
  MatrixView from(int64_t row, int64_t column) const {
    return {at(row, column), row_stride, column_stride};
  }
  MatrixView transposed() const { return {data, column_stride, row_stride}; }
};

/// One matrix product of a batch, typed: D = alpha * A @ B + beta * C.
template <typename T>
struct Product {
  int64_t m, n, k;
  MatrixView<T> a, b;
  /// Null data: no C.
  MatrixView<T> c;
  T* d;
  int64_t d_row_stride;
  double alpha, beta;

  /// Whether D is A @ B and nothing else.
  bool is_plain() const { return alpha == 1 && c.data == nullptr; }
};

}  // namespace mlx::core::cpu
