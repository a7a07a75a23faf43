#pragma once

#include <complex>
#include <type_traits>

#include "mlx/types.h"

namespace mlx::core::cpu {

/// The type of a matrix's norms and singular values.
template <typename T>
using Real = std::conditional_t<is_complex_v<T>, float, T>;

}  // namespace mlx::core::cpu

/// LAPACK for float, double and complex64_t, on the calling thread. Matrices have contiguous
/// columns, ld elements apart (without ld: as many as a column has). `triangle` is 'L' or 'U'. The
/// results are LAPACK's: 0, or above it for what the values prevented. Workspace that LAPACK's
/// 32-bit integers can't count throws EngineError.
namespace mlx::core::cpu::lapack {

/// b = b @ inverse(a), a (n, n) a triangle, b (m, n).
template <typename T>
void solve_triangle_right(char triangle, int m, int n, const T* a, T* b);

/// The Cholesky factor in one triangle; the other stays.
template <typename T>
int potrf(char triangle, int n, T* a);

/// P @ L @ U = a; pivots are row numbers from 1.
template <typename T>
int getrf(int m, int n, T* a, int* pivots);
/// The inverse from getrf's result.
template <typename T>
int getri(int n, T* a, const int* pivots);
/// b = inverse(a) @ b from getrf's result; b is (n, columns).
template <typename T>
int getrs(int n, int columns, const T* a, const int* pivots, T* b);

/// The inverse of a triangle; the other stays.
template <typename T>
int trtri(char triangle, int n, T* a);

/// L @ Q = a, (m, n): L in the lower trapezoid, Q as min(m, n) reflectors in the rest and tau.
template <typename T>
int gelqf(int m, int n, T* a, T* tau);
/// The first k rows of Q from k reflectors: a is (k, n).
template <typename T>
int orglq(int k, int n, T* a, const T* tau);

/// U @ diag(s) @ Vt = a, (m, n), k = min(m, n). Job 'A': u (m, m) and vt (n, n), 'S': u (m, k) and
/// vt (k, n), 'N': neither. a is destroyed.
template <typename T>
int gesdd(char job, int m, int n, T* a, Real<T>* s, T* u, T* vt);

/// Ascending eigenvalues w, and the eigenvectors in a's columns if wanted (else a is destroyed), of
/// the Hermitian matrix that one triangle of a describes.
template <typename T>
int heevd(bool with_vectors, char triangle, int n, T* a, Real<T>* w);

/// Eigenvalues w and, unless v is null, right eigenvectors of norm 1 in the columns of v. a is
/// destroyed.
template <typename T>
int geev(int n, T* a, std::complex<Real<T>>* w, std::complex<Real<T>>* v);

}  // namespace mlx::core::cpu::lapack
