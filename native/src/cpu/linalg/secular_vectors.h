#pragma once

namespace mlx::core::cpu {

/// The singular values d, in no order, and vectors u (n, n) and vt (m, m), columns ld apart, of a
/// bidiagonal matrix of n = upper + lower + 1 rows and m = n + extra columns whose parts above and
/// below its row [alpha, beta] are solved: d, u and vt hold what they have, with d[upper] = 0, and
/// `order` sorts each part's values. All numbers are at most 1. The result is LAPACK's.
template <typename T>
int join_halves(int upper, int lower, int extra, T* d, T alpha, T beta, T* u, T* vt, int ld,
                int* order);

}  // namespace mlx::core::cpu
