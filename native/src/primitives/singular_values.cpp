#include "primitives/singular_values.h"

#include "mlx/linalg.h"
#include "primitives/matrix_parts.h"

namespace mlx::core {

// ---- SVD. Townsend, "Differentiating the singular value decomposition" (2016), for full factors:
// with p = adjoint(u) @ da @ v, ds is p's diagonal, du = u @ wu and dv = v @ wv with skew wu and
// wv,
//   wu = gaps * (p @ s + s @ adjoint(p)), wv = gaps * (s @ p + adjoint(p) @ s),
// where gaps is 1 / (s[j]^2 - s[i]^2) and p and s are continued with zeros to the square. Vectors
// of equal singular values turn in any way, and count as standing still. For complex matrices u's
// and v's columns share the phase that p's diagonal has.

namespace {

struct Spectrum {
  array u, s, vt;

  Spectrum(const array& a, const Stream& stream) : Spectrum(linalg::svd(a, true, stream)) {}
  explicit Spectrum(const std::vector<array>& usv) : u(usv[0]), s(usv[1]), vt(usv[2]) {}
};

array with_zeros(const array& s, int length, const Stream& stream) {
  const int missing = length - s.shape(-1);
  if (missing == 0) return s;
  return pad(s, std::vector<int>{int(s.ndim()) - 1}, Shape{0}, Shape{missing}, array(0, s.dtype()),
             "constant", stream);
}

/// 1 / (s[j]^2 - s[i]^2), 0 where they are equal.
array reciprocal_gaps(const array& s, const Stream& stream) {
  array sums = add(expand_dims(s, -2, stream), expand_dims(s, -1, stream), stream);
  return reciprocal_or_zero(multiply(gaps(s, stream), sums, stream), stream);
}

array times_i(const array& a, const Stream& stream) {
  return multiply(array(complex64_t(0, 1)), a, stream);
}

/// The diagonal of phases' changes: i * imag(p's diagonal) / (2 * s).
array phase_change(const array& p_diagonal, const array& s, const Stream& stream) {
  array halves =
      multiply(halved(imag(p_diagonal, stream), stream), reciprocal_or_zero(s, stream), stream);
  return times_i(halves, stream);
}

/// u @ x @ vt for x of a's shape.
array between(const array& u, const array& x, const array& vt, const Stream& stream) {
  return matmul(matmul(u, x, stream), vt, stream);
}

}  // namespace

std::vector<array> SVD::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                            const std::vector<int>&) {
  const Stream& st = stream();
  Spectrum f(primals[0], st);
  array p = between(adjoint(f.u, st), tangents[0], adjoint(f.vt, st), st);
  array diagonal = diagonal_of(p, st), ds = real(diagonal, st);
  if (!compute_uv_) return {ds};
  const int m = p.shape(-2), n = p.shape(-1);
  auto turn = [&](int length, bool is_left) {
    array square = resized(p, length, length, st), mirrored = adjoint(square, st);
    array s = with_zeros(f.s, length, st);
    array sum = is_left ? add(scale_columns(square, s, st), scale_rows(mirrored, s, st), st)
                        : add(scale_rows(square, s, st), scale_columns(mirrored, s, st), st);
    array w = multiply(reciprocal_gaps(s, st), sum, st);
    if (w.dtype() != complex64) return w;
    array phase = diagonal_matrix(with_zeros(phase_change(diagonal, f.s, st), length, st), st);
    return is_left ? add(w, phase, st) : subtract(w, phase, st);
  };
  array du = matmul(f.u, turn(m, true), st);
  array dvt = negative(matmul(turn(n, false), f.vt, st), st);
  return {du, ds, dvt};
}

std::vector<array> SVD::vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                            const std::vector<int>&, const std::vector<array>& outputs) {
  const Stream& st = stream();
  const array& a = primals[0];
  const int m = a.shape(-2), n = a.shape(-1);
  auto rectangle = [&](const array& diagonal) {
    return resized(diagonal_matrix(diagonal, st), m, n, st);
  };
  if (!compute_uv_) {
    Spectrum f(a, st);
    array g = astype(cotangents[0], a.dtype(), st);
    return {between(f.u, rectangle(g), f.vt, st)};
  }
  Spectrum f(outputs);
  array x = matmul(adjoint(f.u, st), cotangents[0], st);
  array z = negative(matmul(cotangents[2], adjoint(f.vt, st), st), st);
  array left_s = with_zeros(f.s, m, st), right_s = with_zeros(f.s, n, st);
  array y = multiply(reciprocal_gaps(left_s, st), x, st);
  array w = multiply(reciprocal_gaps(right_s, st), z, st);
  array from_u = scale_columns(add(y, adjoint(y, st), st), left_s, st);
  array from_v = scale_rows(add(w, adjoint(w, st), st), right_s, st);
  array diagonal = astype(cotangents[1], a.dtype(), st);
  if (a.dtype() == complex64) {
    const int k = std::min(m, n);
    array phases = subtract(resized(x, k, k, st), resized(z, k, k, st), st);
    diagonal = add(diagonal, phase_change(diagonal_of(phases, st), f.s, st), st);
  }
  array gp =
      add(add(resized(from_u, m, n, st), resized(from_v, m, n, st), st), rectangle(diagonal), st);
  return {between(f.u, gp, f.vt, st)};
}

std::vector<array> SVD::apply(const std::vector<array>& inputs) {
  return linalg::svd(inputs[0], compute_uv_, stream());
}

// ---- Pseudo-inverse: Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear
// least squares problems whose variables separate" (1973). It holds where the rank stays the same:
//   dy = -y @ da @ y + y @ yt @ dat @ (1 - a @ y) + (1 - y @ a) @ dat @ yt @ y, with adjoints t.

namespace {

/// 1 - a @ b
array complement(const array& a, const array& b, const Stream& s) {
  return subtract(identity(a.shape(-2), a.dtype(), s), matmul(a, b, s), s);
}

}  // namespace

std::vector<array> PseudoInverse::jvp(const std::vector<array>& primals,
                                      const std::vector<array>& tangents, const std::vector<int>&) {
  const Stream& s = stream();
  const array& a = primals[0];
  array y = linalg::pinv(a, s), yt = adjoint(y, s), dat = adjoint(tangents[0], s);
  array inner = matmul(matmul(y, tangents[0], s), y, s);
  array beside_rows = matmul(matmul(matmul(y, yt, s), dat, s), complement(a, y, s), s);
  array beside_columns = matmul(matmul(complement(y, a, s), dat, s), matmul(yt, y, s), s);
  return {subtract(add(beside_rows, beside_columns, s), inner, s)};
}

std::vector<array> PseudoInverse::vjp(const std::vector<array>& primals,
                                      const std::vector<array>& cotangents, const std::vector<int>&,
                                      const std::vector<array>& outputs) {
  const Stream& s = stream();
  const array &a = primals[0], &y = outputs[0];
  array yt = adjoint(y, s), gt = adjoint(cotangents[0], s);
  array inner = matmul(matmul(yt, cotangents[0], s), yt, s);
  array beside_rows = matmul(matmul(complement(a, y, s), gt, s), matmul(y, yt, s), s);
  array beside_columns = matmul(matmul(matmul(yt, y, s), gt, s), complement(y, a, s), s);
  return {subtract(add(beside_rows, beside_columns, s), inner, s)};
}

std::vector<array> PseudoInverse::apply(const std::vector<array>& inputs) {
  return {linalg::pinv(inputs[0], stream())};
}

}  // namespace mlx::core
