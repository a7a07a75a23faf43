#pragma once

#include "cpu/linalg/lapack.h"

namespace mlx::core::cpu {

/// q @ b @ p^H = a of (m, n), m >= n, contiguous columns and a norm near 1; b is upper bidiagonal
/// with the real diagonal d and e above it. The reflectors of q replace a's columns from the
/// diagonal down; those of p lie in the columns of `right` (n, n), each from one below the diagonal
/// down. Their first elements, which are 1, aren't stored. One tau for each: n and n - 1.
template <typename T>
void reduce_to_bidiagonal(int m, int n, T* a, Real<T>* d, Real<T>* e, T* left_tau, T* right,
                          T* right_tau);

/// u @ diag(s) @ vt = the upper bidiagonal matrix with diagonal d and e above it. The values
/// replace d, descending; e is destroyed. u and vt are (n, n), columns contiguous. The result is
/// LAPACK's: 0, or above it where an iteration didn't converge.
template <typename T>
int bidiagonal_svd(int n, T* d, T* e, T* u, T* vt);

}  // namespace mlx::core::cpu
