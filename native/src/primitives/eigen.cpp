#include "primitives/eigen.h"

#include "mlx/linalg.h"
#include "primitives/matrix_parts.h"

namespace mlx::core {

// Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
// differentiation" (2008): with p = inverse(v) @ da @ v, dw is p's diagonal and dv = v @ (gaps * p)
// with gaps 1 / (w[j] - w[i]). Vectors of equal eigenvalues count as standing still.

namespace {

array reciprocal_gaps(const array& w, const Stream& s) { return reciprocal_or_zero(gaps(w, s), s); }

}  // namespace

// ---- Hermitian matrices, whose gradient is Hermitian. inverse(v) is adjoint(v).

std::vector<array> Eigh::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                             const std::vector<int>&) {
  const Stream& s = stream();
  auto [w, v] = linalg::eigh(primals[0], upper_ ? "U" : "L", s);
  array p = matmul(matmul(adjoint(v, s), hermitian_part(tangents[0], s), s), v, s);
  array dw = real(diagonal_of(p, s), s);
  if (!compute_eigenvectors_) return {dw};
  return {dw, matmul(v, multiply(reciprocal_gaps(w, s), p, s), s)};
}

std::vector<array> Eigh::vjp(const std::vector<array>& primals,
                             const std::vector<array>& cotangents, const std::vector<int>&,
                             const std::vector<array>& outputs) {
  const Stream& s = stream();
  array gw = astype(cotangents[0], primals[0].dtype(), s);
  if (!compute_eigenvectors_) {
    array v = linalg::eigh(primals[0], upper_ ? "U" : "L", s).second;
    return {matmul(scale_columns(v, gw, s), adjoint(v, s), s)};
  }
  const array &w = outputs[0], &v = outputs[1];
  array turned = matmul(adjoint(v, s), cotangents[1], s);
  array gp = add(diagonal_matrix(gw, s), multiply(reciprocal_gaps(w, s), turned, s), s);
  return {hermitian_part(matmul(matmul(v, gp, s), adjoint(v, s), s), s)};
}

std::vector<array> Eigh::apply(const std::vector<array>& inputs) {
  const char* triangle = upper_ ? "U" : "L";
  if (!compute_eigenvectors_) return {linalg::eigvalsh(inputs[0], triangle, stream())};
  auto [w, v] = linalg::eigh(inputs[0], triangle, stream());
  return {w, v};
}

// ---- Other matrices. The vectors keep their norm: dv = v @ (x - diag(real(c @ x))), x = gaps * p,
// c = adjoint(v) @ v.

std::vector<array> Eig::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                            const std::vector<int>&) {
  const Stream& s = stream();
  auto [w, v] = linalg::eig(primals[0], s);
  array p = linalg::solve(v, matmul(astype(tangents[0], complex64, s), v, s), s);
  array dw = diagonal_of(p, s);
  if (!compute_eigenvectors_) return {dw};
  array x = multiply(reciprocal_gaps(w, s), p, s);
  array growth = real(diagonal_of(matmul(matmul(adjoint(v, s), v, s), x, s), s), s);
  return {dw, matmul(v, subtract(x, diagonal_matrix(growth, s), s), s)};
}

std::vector<array> Eig::vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                            const std::vector<int>&, const std::vector<array>& outputs) {
  const Stream& s = stream();
  array v = compute_eigenvectors_ ? outputs[1] : linalg::eig(primals[0], s).second;
  array vt = adjoint(v, s), gp = diagonal_matrix(cotangents[0], s);
  if (compute_eigenvectors_) {
    array turned = matmul(vt, cotangents[1], s);
    array growth = real(diagonal_of(turned, s), s);
    array gx = subtract(turned, scale_columns(matmul(vt, v, s), growth, s), s);
    gp = add(gp, multiply(conjugate(reciprocal_gaps(outputs[0], s), s), gx, s), s);
  }
  array full = linalg::solve(vt, matmul(gp, vt, s), s);
  bool is_complex = primals[0].dtype() == complex64;
  return {is_complex ? full : astype(real(full, s), primals[0].dtype(), s)};
}

std::vector<array> Eig::apply(const std::vector<array>& inputs) {
  if (!compute_eigenvectors_) return {linalg::eigvals(inputs[0], stream())};
  auto [w, v] = linalg::eig(inputs[0], stream());
  return {w, v};
}

}  // namespace mlx::core
