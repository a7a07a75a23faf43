#pragma once

#include <complex>
#include <type_traits>

#include "mlx/types.h"

namespace mlx::core::cpu {

/// The type of a matrix's norms and singular values.
template <typename T>
using Real = std::conditional_t<is_complex_v<T>, float, T>;

template <typename T>
T conjugated(T value) {
  if constexpr (is_complex_v<T>)
    return std::conj(value);
  else
    return value;
}

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

/// Q @ R = a, (m, n) with columns lda apart: R in the upper trapezoid, Q as min(m, n) reflectors in
/// the rest and tau.
template <typename T>
int geqrf(int m, int n, T* a, int lda, T* tau);
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

/// c = alpha * op(a) @ op(b) + beta * c, c (m, n), the inner length k. An operand is taken plain
/// ('N'), transposed ('T') or also conjugated ('C').
template <typename T>
void gemm(char a_form, char b_form, int m, int n, int k, T alpha, const T* a, int lda, const T* b,
          int ldb, T beta, T* c, int ldc);

/// The reflector I - tau * [1, v] @ [1, v]^H whose adjoint takes [alpha, x] of length n to
/// [beta, 0], beta real. alpha becomes beta, x becomes v.
template <typename T>
T larfg(int n, T* alpha, T* x);

/// The singular values, descending, of the upper bidiagonal matrix with diagonal d and e above it,
/// in place of d. e is destroyed.
template <typename T>
int bdsqr(int n, T* d, T* e);

// The steps of divide and conquer for the upper bidiagonal (n, n + sqre) matrix of d and e; u is
// (n, n), vt (n + sqre, n + sqre), with columns ld apart.

/// All steps for one matrix; u and vt are identities before. The values come in no order.
template <typename T>
int lasd0(int n, int sqre, T* d, T* e, T* u, T* vt, int ld);

/// What lasd2 leaves to be solved of two solved parts joined by a row.
template <typename T>
struct Secular {
  /// Values that stay to be found.
  int k;
  T *poles, *z;
  /// The vectors of the parts, by where they aren't zero, and how many there are of each kind.
  T *u, *vt;
  int *positions, kinds[4];
};

/// Joins the solutions of nl and nr rows by the row [alpha, beta] and sets apart values that are
/// known already. `order` sorts the values of each part. The members of `secular` have room for
/// n = nl + nr + 1 (poles, positions), m = n + sqre (z), (n, n) and (m, m) elements.
template <typename T>
int lasd2(int nl, int nr, int sqre, T* d, T alpha, T beta, T* u, T* vt, int ld, int* order,
          Secular<T>& secular);

/// Root `i`, from 0, of the secular equation 1 + rho * sum(z^2 / (poles^2 - sigma^2)) = 0, and
/// poles - sigma and poles + sigma.
template <typename T>
int lasd4(int k, int i, const T* poles, const T* z, T rho, T* sigma, T* differences, T* sums);

/// The ascending eigenvalues of the symmetric tridiagonal matrix with diagonal d and e beside it,
/// in place of d. e is destroyed.
template <typename T>
int sterf(int n, T* d, T* e);
/// The same, and the eigenvectors in the columns of z, ld apart.
template <typename T>
int stedc(int n, T* d, T* e, T* z, int ld);

/// What laed2 leaves to be solved of two solved halves joined by an element.
template <typename T>
struct SymmetricSecular {
  /// Values that stay to be found.
  int k;
  T *poles, *z, rho;
  /// The vectors of the halves, by where they aren't zero, and how many there are of each kind.
  T* q;
  int *positions, kinds[4];
};

/// Joins the solutions d and q of the first n1 of n rows and of the others, from each of which
/// abs(rho) was taken, by the element `rho`; z has the last row of the first vectors and the first
/// row of the others. Sets apart the values that are known already, in the last n - k places.
/// `order` sorts the values of each half. The members of `secular` have room for n elements, q for
/// (n, n).
template <typename T>
int laed2(int n, int n1, T* d, T* q, int ldq, int* order, T rho, T* z,
          SymmetricSecular<T>& secular);

/// Root `i`, from 0, of the secular equation 1 + rho * sum(z^2 / (poles - lambda)) = 0, and poles -
/// lambda; for k <= 2 the vector.
template <typename T>
int laed4(int k, int i, const T* poles, const T* z, T rho, T* lambda, T* differences);

/// Ascending eigenvalues w, and the eigenvectors in a's columns if wanted (else a is destroyed), of
/// the Hermitian matrix that one triangle of a describes.
template <typename T>
int heevd(bool with_vectors, char triangle, int n, T* a, Real<T>* w);

/// Eigenvalues w and, unless v is null, right eigenvectors of norm 1 in the columns of v. a is
/// destroyed.
template <typename T>
int geev(int n, T* a, std::complex<Real<T>>* w, std::complex<Real<T>>* v);

}  // namespace mlx::core::cpu::lapack
