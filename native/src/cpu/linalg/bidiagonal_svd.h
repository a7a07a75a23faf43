#pragma once

#include <cstdint>

namespace mlx::core::cpu {

/// u @ diag(s) @ vt = the upper bidiagonal matrix with diagonal d and e above it. The values
/// replace d, descending; e is destroyed. u and vt are (n, n), columns contiguous. The result is
/// LAPACK's: 0, or above it where an iteration didn't converge.
template <typename T>
int bidiagonal_svd(int n, T* d, T* e, T* u, T* vt);

}  // namespace mlx::core::cpu
