#pragma once

namespace mlx::core::cpu {

/// z @ diag(d) @ z^T = the symmetric tridiagonal matrix with diagonal d and e beside it. The
/// ascending values replace d; e is destroyed. z is (n, n) with contiguous columns. The result is
/// LAPACK's: 0, or above it where an iteration didn't converge.
template <typename T>
int tridiagonal_eigen(int n, T* d, T* e, T* z);

}  // namespace mlx::core::cpu
