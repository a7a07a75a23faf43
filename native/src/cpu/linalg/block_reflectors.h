#pragma once

#include <cstdint>
#include <vector>

#include "cpu/linalg/lapack.h"
#include "cpu/matmul/scratch.h"

namespace mlx::core::cpu {

/// The unitary matrix q = h[0] @ h[1] @ ... of reflectors, to be applied to parts of a matrix by
/// several threads. Reflector j lies in column j of `v` (rows, count), from below the diagonal
/// down; columns are ld apart.
template <typename T>
class BlockReflectors {
 public:
  BlockReflectors(int64_t rows, int64_t count, const T* v, int64_t ld, const T* tau);

  /// c = q @ c, c (rows, columns).
  void apply(int64_t columns, T* c, int64_t ldc) const;
  /// c = q^H @ c
  void apply_adjoint(int64_t columns, T* c, int64_t ldc) const;
  /// c = c @ q^H, c (c_rows, rows).
  void apply_adjoint_right(int64_t c_rows, T* c, int64_t ldc) const;

 private:
  /// h[first] @ ... = 1 - v @ t @ v^H, v (rows - first, count) with its ones and zeros.
  struct Block {
    int64_t first, count;
    T *v, *t;
  };

  void apply_block(const Block& block, bool adjoint, int64_t columns, T* c, int64_t ldc,
                   T* work) const;

  const int64_t rows_;
  Scratch<T> v_, t_;
  std::vector<Block> blocks_;
};

}  // namespace mlx::core::cpu
