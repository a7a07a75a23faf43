#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

/// Linear algebra on the matrices in the last two axes; the axes before them are a batch.
/// Decompositions and systems take float32, float64 and complex64 (DtypeError otherwise) and throw
/// ShapeError for what isn't a matrix, or isn't square where it must be. What a matrix's values
/// prevent is an EngineError when it is evaluated.
namespace mlx::core::linalg {

// ---- Norms and products of vectors, for all dtypes

/// The norm of vectors along one axis, or of matrices in two. Without axes: of all elements for a
/// vector and a matrix. For vectors: the number of nonzeros (0), the sum of powers' root (p), the
/// largest (infinity) or smallest (-infinity) magnitude. For matrices: the largest (smallest) sum
/// of magnitudes in a column (1, -1) or row (infinity, -infinity), or singular value (2, -2).
/// Throws std::invalid_argument for other orders.
MLX_API array norm(const array& a, const double ord,
                   const std::optional<std::vector<int>>& axis = std::nullopt,
                   bool keepdims = false, StreamOrDevice s = {});
inline array norm(const array& a, const double ord, int axis, bool keepdims = false,
                  StreamOrDevice s = {}) {
  return norm(a, ord, std::vector<int>{axis}, keepdims, s);
}
/// Of matrices: "fro", the root of the sum of squares, or "nuc", the sum of singular values.
MLX_API array norm(const array& a, const std::string& ord,
                   const std::optional<std::vector<int>>& axis = std::nullopt,
                   bool keepdims = false, StreamOrDevice s = {});
inline array norm(const array& a, const std::string& ord, int axis, bool keepdims = false,
                  StreamOrDevice s = {}) {
  return norm(a, ord, std::vector<int>{axis}, keepdims, s);
}
/// The root of the sum of squares over one axis or two, or over all by default.
MLX_API array norm(const array& a, const std::optional<std::vector<int>>& axis = std::nullopt,
                   bool keepdims = false, StreamOrDevice s = {});
inline array norm(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {}) {
  return norm(a, std::vector<int>{axis}, keepdims, s);
}

/// The cross product of vectors of 3 along an axis; for a vector of 2 the third component is zero.
/// Other axes are broadcast.
MLX_API array cross(const array& a, const array& b, int axis = -1, StreamOrDevice s = {});

// ---- Inverses and systems. Singular matrices are an EngineError; NaN and infinities give NaN.

MLX_API array inv(const array& a, StreamOrDevice s = {});
/// The inverse of a triangle; the other one isn't read.
MLX_API array tri_inv(const array& a, bool upper = false, StreamOrDevice s = {});
/// The inverse of a @ conj(a).T (upper: conj(a).T @ a): of the matrix whose Cholesky factor a is.
MLX_API array cholesky_inv(const array& a, bool upper = false, StreamOrDevice s = {});
/// The Moore-Penrose inverse (n, m) of (m, n). Singular values up to max(m, n) * epsilon times the
/// largest count as zero.
MLX_API array pinv(const array& a, StreamOrDevice s = {});

/// x with a @ x = b, where b is (..., n, k), or (n) alone. Batches are broadcast.
MLX_API array solve(const array& a, const array& b, StreamOrDevice s = {});
/// The same for a triangle of a; the other one isn't read.
MLX_API array solve_triangular(const array& a, const array& b, bool upper = false,
                               StreamOrDevice s = {});

/// The determinant, 0 for singular matrices.
MLX_API array det(const array& a, StreamOrDevice s = {});
/// The determinant's sign (of absolute value 1, or 0) and the logarithm of its absolute value.
MLX_API std::pair<array, array> slogdet(const array& a, StreamOrDevice s = {});

// ---- Decompositions

/// Lower triangular l with l @ conj(l).T = a (upper: u with conj(u).T @ u = a). a is Hermitian and
/// positive definite (EngineError otherwise); one triangle is read.
MLX_API array cholesky(const array& a, bool upper = false, StreamOrDevice s = {});

/// p (uint32), l and u of an (m, n) matrix with a = (l @ u)[p]: l (m, k) has ones on the diagonal,
/// u is (k, n), k = min(m, n).
MLX_API std::vector<array> lu(const array& a, StreamOrDevice s = {});
/// l below and u on and above the diagonal of one matrix, and the exchanges of rows (uint32): row i
/// with row pivots[i], one after the other.
MLX_API std::pair<array, array> lu_factor(const array& a, StreamOrDevice s = {});

/// q (m, k) with orthonormal columns and upper triangular r (k, n), k = min(m, n).
MLX_API std::pair<array, array> qr(const array& a, StreamOrDevice s = {});

/// u (m, m), singular values s (min(m, n)), descending, and vt (n, n), with a = u @ diag(s) @ vt;
/// without compute_uv only s.
MLX_API std::vector<array> svd(const array& a, bool compute_uv, StreamOrDevice s = {});
inline std::vector<array> svd(const array& a, StreamOrDevice s = {}) { return svd(a, true, s); }

/// Eigenvalues and, as columns of norm 1, eigenvectors, in complex64.
MLX_API std::pair<array, array> eig(const array& a, StreamOrDevice s = {});
MLX_API array eigvals(const array& a, StreamOrDevice s = {});

/// Ascending real eigenvalues and orthonormal eigenvectors, as columns, of Hermitian matrices of
/// which the triangle "L" or "U" is read. Throws std::invalid_argument for others.
MLX_API std::pair<array, array> eigh(const array& a, std::string UPLO = "L", StreamOrDevice s = {});
MLX_API array eigvalsh(const array& a, std::string UPLO = "L", StreamOrDevice s = {});

}  // namespace mlx::core::linalg
