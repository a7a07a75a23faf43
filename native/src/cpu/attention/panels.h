#pragma once

#include <cstdint>

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// The right operand of products, cut into panels of as many columns as the kernel's tile has. A
/// panel's rows follow each other; missing columns are zeros.
template <typename W>
struct Panels {
  const W* data;
  /// Rows of the whole operand.
  int64_t inner;

  /// The operand without its first rows and columns; `column` begins a panel.
  Panels from(int64_t row, int64_t column) const;
};

/// The number of columns of a panel on this machine.
template <typename W>
int64_t panel_width();

/// Elements that an operand takes.
template <typename W>
int64_t panels_size(int64_t inner, int64_t columns);

/// Cuts a matrix into panels, times a factor.
template <typename T>
Panels<Wide<T>> pack_panels(const MatrixView<T>& matrix, int64_t inner, int64_t columns,
                            Wide<T> factor, Wide<T>* out);

/// Rows as the left operand takes them: contiguous, times a factor.
template <typename T>
void pack_rows(const MatrixView<T>& matrix, int64_t rows, int64_t columns, Wide<T> factor,
               Wide<T>* out);

/// A contiguous matrix of sums.
template <typename W>
struct Tile {
  W* data;
  int64_t stride;

  W* row(int64_t i) const { return data + i * stride; }
};

/// out (+)= a @ b for `inner` columns of a, whose rows are a_stride apart.
template <typename W>
void multiply_panels(int64_t rows, int64_t columns, int64_t inner, const W* a, int64_t a_stride,
                     const Panels<W>& b, const Tile<W>& out, bool accumulate);

}  // namespace mlx::core::cpu
