#pragma once

#include "cpu/linalg/lapack.h"

namespace mlx::core::cpu {

/// q @ t @ q^H = a of (n, n), contiguous columns, Hermitian and given whole; t is tridiagonal with
/// the real diagonal d and e beside it. The n - 1 reflectors of q replace a's columns from one
/// below the diagonal down; their first elements, which are 1, aren't stored.
template <typename T>
void reduce_to_tridiagonal(int n, T* a, Real<T>* d, Real<T>* e, T* tau);

/// z @ diag(d) @ z^T = the symmetric tridiagonal matrix with diagonal d and e beside it. The
/// ascending values replace d; e is destroyed. z is (n, n) with contiguous columns. The result is
/// LAPACK's: 0, or above it where an iteration didn't converge.
template <typename T>
int tridiagonal_eigen(int n, T* d, T* e, T* z);

}  // namespace mlx::core::cpu
