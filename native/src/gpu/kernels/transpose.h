// Copies of matrices that are transposed in memory: a tile at a time goes through threadgroup
// memory, so that both sides are read and written along what lies side by side.
#include "gpu/kernels/index.h"

template <int outer>
struct TransposeArguments {
  /// The result's rows and columns; elements from one column to the next in what is read, where
  /// rows lie side by side, and from one row to the next in the result.
  int64_t rows, columns, x_column, y_row;
  int64_t shape[outer], x_outer[outer], y_outer[outer];
};

#define TRANSPOSE_TILE 32

/// A simdgroup moves a line of a tile; a group has eight of them.
template <typename T, int outer>
inline void transpose_tiles(device const T* x, device T* y, constant TransposeArguments<outer>& p,
                            threadgroup T* tile, Group g) {
  const int64_t row0 = int64_t(g.tgid.y) * TRANSPOSE_TILE;
  const int64_t column0 = int64_t(g.tgid.x) * TRANSPOSE_TILE;
  x += place_of<outer>(g.tgid.z, p.shape, p.x_outer);
  y += place_of<outer>(g.tgid.z, p.shape, p.y_outer);
  for (uint line = g.simd; line < TRANSPOSE_TILE; line += 8) {
    const int64_t row = row0 + g.lane, column = column0 + line;
    if (row < p.rows && column < p.columns)
      tile[line * (TRANSPOSE_TILE + 1) + g.lane] = x[row + column * p.x_column];
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint line = g.simd; line < TRANSPOSE_TILE; line += 8) {
    const int64_t row = row0 + line, column = column0 + g.lane;
    if (row < p.rows && column < p.columns)
      y[row * p.y_row + column] = tile[g.lane * (TRANSPOSE_TILE + 1) + line];
  }
}
