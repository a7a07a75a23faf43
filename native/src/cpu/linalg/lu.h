#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

// LU decompositions with exchanges of rows, and what follows from them. A matrix with NaN or
// infinity gives NaN.

/// Replaces column-contiguous (m, n) matrices by L below and U on and above the diagonal.
/// pivots[i] says with which row row i was exchanged, one after the other; a's row j is row
/// rows[j] of L @ U.
void lu_factor(Dtype dtype, int64_t count, int m, int n, void* a, uint32_t* pivots, uint32_t* rows);

/// Inverts row-contiguous (n, n) matrices in place. Throws EngineError for singular ones.
void invert(Dtype dtype, int64_t count, int n, void* a);

/// b = inverse(a) @ b for column-contiguous b, (n, columns), and a, which is destroyed. Throws
/// EngineError for singular matrices.
void solve(Dtype dtype, int64_t count, int n, int columns, void* a, void* b);

/// The determinants of (n, n) matrices, which are destroyed. Without logarithms: in `values`. With
/// them: their signs (of absolute value 1, or 0) in `values`, the logarithms of their absolute
/// values in `logarithms`, real numbers.
void determinant(Dtype dtype, int64_t count, int n, void* a, void* values, void* logarithms);

}  // namespace mlx::core::cpu
