#include "primitives/factorization.h"

#include "mlx/linalg.h"
#include "primitives/matrix_parts.h"

namespace mlx::core {
namespace {

/// One triangle with half of its diagonal: what a triangular factor owes to a Hermitian product.
array half_triangle(const array& a, bool upper, const Stream& s) {
  return halved(add(triangle(a, upper, s), strict_triangle(a, upper, s), s), s);
}

/// x @ inverse(adjoint(t)) for a triangle t.
array divide_adjoint(const array& x, const array& t, bool upper, const Stream& s) {
  return adjoint(linalg::solve_triangular(t, adjoint(x, s), upper, s), s);
}

/// x @ inverse(t).
array divide_right(const array& x, const array& t, bool upper, const Stream& s) {
  return divide_adjoint(x, adjoint(t, s), !upper, s);
}

/// Rows from first on.
array rows_from(const array& a, int first, const Stream& s) {
  Shape start(a.ndim());
  start[a.ndim() - 2] = first;
  return slice(a, start, a.shape(), s);
}
array columns_from(const array& a, int first, const Stream& s) {
  Shape start(a.ndim());
  start[a.ndim() - 1] = first;
  return slice(a, start, a.shape(), s);
}

}  // namespace

// ---- Cholesky: Murray, "Differentiation of the Cholesky decomposition" (2016). The matrix counts
// as Hermitian, so its gradient is.

std::vector<array> Cholesky::jvp(const std::vector<array>& primals,
                                 const std::vector<array>& tangents, const std::vector<int>&) {
  const Stream& s = stream();
  array factor = linalg::cholesky(primals[0], upper_, s);
  array l = upper_ ? adjoint(factor, s) : factor;
  array change = linalg::solve_triangular(l, hermitian_part(tangents[0], s), false, s);
  array dl = matmul(l, half_triangle(divide_adjoint(change, l, false, s), false, s), s);
  return {upper_ ? adjoint(dl, s) : dl};
}

std::vector<array> Cholesky::vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                                 const std::vector<int>&, const std::vector<array>& outputs) {
  const Stream& s = stream();
  array l = upper_ ? adjoint(outputs[0], s) : outputs[0];
  array g = upper_ ? adjoint(cotangents[0], s) : cotangents[0];
  array lt = adjoint(l, s);
  array middle = half_triangle(matmul(lt, g, s), false, s);
  array full = divide_right(linalg::solve_triangular(lt, middle, true, s), l, false, s);
  return {hermitian_part(full, s)};
}

std::vector<array> Cholesky::apply(const std::vector<array>& inputs) {
  return {linalg::cholesky(inputs[0], upper_, stream())};
}

// ---- LU. With rows in their new order, a = l @ u and z = inverse(l) @ da @ inverse(u), the
// strictly lower part of z is inverse(l) @ dl and the rest du @ inverse(u). Rows or columns beyond
// the square follow from these.

namespace {

/// The factors of a matrix that holds both, and their square parts.
struct Factors {
  array l, u, square_l, square_u;
  int k;

  Factors(const array& both, const Stream& s)
      : l(lower(both, s)),
        u(triangle(resized(both, std::min(both.shape(-2), both.shape(-1)), both.shape(-1), s), true,
                   s)),
        square_l(l),
        square_u(u),
        k(u.shape(-2)) {
    square_l = resized(l, k, k, s);
    square_u = resized(u, k, k, s);
  }

  bool is_tall() const { return l.shape(-2) > k; }
  bool is_wide() const { return u.shape(-1) > k; }

  static array lower(const array& both, const Stream& s) {
    const int rows = both.shape(-2), columns = std::min(rows, both.shape(-1));
    array below = strict_triangle(resized(both, rows, columns, s), false, s);
    return add(below, eye(rows, columns, 0, both.dtype(), s), s);
  }
};

array rows_in_order(const array& a, const array& order, const Stream& s) {
  return take_along_axis(a, expand_dims(order, -1, s), -2, s);
}

}  // namespace

std::vector<array> LUF::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                            const std::vector<int>&) {
  const Stream& s = stream();
  auto outputs = apply(primals);
  Factors f(outputs[0], s);
  array da = rows_in_order(tangents[0], argsort(outputs[2], -1, s), s);
  array square = resized(da, f.k, f.k, s);
  array z =
      divide_right(linalg::solve_triangular(f.square_l, square, false, s), f.square_u, true, s);
  array dl = matmul(f.square_l, strict_triangle(z, false, s), s);
  array du = matmul(triangle(z, true, s), f.square_u, s);
  array change = add(dl, du, s);
  if (f.is_tall()) {
    array rest = subtract(rows_from(da, f.k, s), matmul(rows_from(f.l, f.k, s), du, s), s);
    change = concatenate({change, divide_right(rest, f.square_u, true, s)}, -2, s);
  } else if (f.is_wide()) {
    array rest = subtract(columns_from(da, f.k, s), matmul(dl, columns_from(f.u, f.k, s), s), s);
    change = concatenate({change, linalg::solve_triangular(f.square_l, rest, false, s)}, -1, s);
  }
  return {change, zeros_like(outputs[1], s), zeros_like(outputs[2], s)};
}

std::vector<array> LUF::vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                            const std::vector<int>&, const std::vector<array>& outputs) {
  const Stream& s = stream();
  Factors f(outputs[0], s);
  const array& g = cotangents[0];
  array square = resized(g, f.k, f.k, s);
  array gl = strict_triangle(square, false, s), gu = triangle(square, true, s);
  array beyond = g;
  if (f.is_tall()) {
    beyond = divide_adjoint(rows_from(g, f.k, s), f.square_u, true, s);
    gu = subtract(gu, matmul(adjoint(rows_from(f.l, f.k, s), s), beyond, s), s);
  } else if (f.is_wide()) {
    beyond = linalg::solve_triangular(adjoint(f.square_l, s), columns_from(g, f.k, s), true, s);
    gl = subtract(gl, matmul(beyond, adjoint(columns_from(f.u, f.k, s), s), s), s);
  }
  array gz = add(strict_triangle(matmul(adjoint(f.square_l, s), gl, s), false, s),
                 triangle(matmul(gu, adjoint(f.square_u, s), s), true, s), s);
  array left = linalg::solve_triangular(adjoint(f.square_l, s), gz, true, s);
  array result = divide_adjoint(left, f.square_u, true, s);
  if (f.is_tall()) result = concatenate({result, beyond}, -2, s);
  if (f.is_wide()) result = concatenate({result, beyond}, -1, s);
  return {rows_in_order(result, outputs[2], s)};
}

std::vector<array> LUF::apply(const std::vector<array>& inputs) {
  const array& a = inputs[0];
  Shape rows = a.shape();
  rows.pop_back();
  Shape pivots = rows;
  pivots.back() = std::min(a.shape(-2), a.shape(-1));
  return array::make_arrays({a.shape(), pivots, rows}, {a.dtype(), uint32, uint32},
                            std::make_shared<LUF>(stream()), {a});
}

// ---- QR: Roberts and Roberts, "QR and LQ decomposition matrix backpropagation algorithms for
// square, wide, and deep matrices" (2020). Columns beyond the square follow from r = adjoint(q) @
// a.

namespace {

/// The part of adjoint(q) @ da @ inverse(r) that changes r: the rest is skew, and turns q.
array change_of_triangle(const array& m, const Stream& s) {
  return add(triangle(hermitian_diagonal(m, s), true, s), adjoint(strict_triangle(m, false, s), s),
             s);
}

/// The adjoint of that map.
array adjoint_change(const array& y, const Stream& s) {
  array upper = strict_triangle(y, true, s);
  return add(triangle(hermitian_diagonal(y, s), true, s), adjoint(upper, s), s);
}

}  // namespace

std::vector<array> QRF::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                            const std::vector<int>&) {
  const Stream& s = stream();
  auto [q, r] = linalg::qr(primals[0], s);
  const int m = q.shape(-2), k = q.shape(-1);
  array square = resized(r, k, k, s);
  array c = divide_right(resized(tangents[0], m, k, s), square, true, s);
  array change = change_of_triangle(matmul(adjoint(q, s), c, s), s);
  array dq = subtract(c, matmul(q, change, s), s);
  array dr = matmul(change, square, s);
  if (r.shape(-1) > k) {
    array rest = add(matmul(adjoint(dq, s), columns_from(primals[0], k, s), s),
                     matmul(adjoint(q, s), columns_from(tangents[0], k, s), s), s);
    dr = concatenate({dr, rest}, -1, s);
  }
  return {dq, dr};
}

std::vector<array> QRF::vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                            const std::vector<int>&, const std::vector<array>& outputs) {
  const Stream& s = stream();
  const array &q = outputs[0], &r = outputs[1];
  const int k = q.shape(-1);
  array gq = cotangents[0], gr = resized(cotangents[1], k, k, s), square = resized(r, k, k, s);
  const bool is_wide = r.shape(-1) > k;
  array beyond = is_wide ? columns_from(cotangents[1], k, s) : gr;
  if (is_wide) gq = add(gq, matmul(columns_from(primals[0], k, s), adjoint(beyond, s), s), s);
  array y = subtract(matmul(gr, adjoint(square, s), s), matmul(adjoint(q, s), gq, s), s);
  array gc = add(gq, matmul(q, adjoint_change(y, s), s), s);
  array result = divide_adjoint(gc, square, true, s);
  return {is_wide ? concatenate({result, matmul(q, beyond, s)}, -1, s) : result};
}

std::vector<array> QRF::apply(const std::vector<array>& inputs) {
  auto [q, r] = linalg::qr(inputs[0], stream());
  return {q, r};
}

}  // namespace mlx::core
