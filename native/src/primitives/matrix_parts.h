#pragma once

#include "mlx/ops.h"

namespace mlx::core {

// What the derivatives of matrix functions are written in. Matrices lie in the last two axes,
// vectors of diagonals in the last one.

inline array transposed(const array& a, const Stream& s) { return swapaxes(a, -1, -2, s); }
inline array adjoint(const array& a, const Stream& s) { return conjugate(transposed(a, s), s); }
inline array halved(const array& a, const Stream& s) {
  return multiply(array(0.5, a.dtype()), a, s);
}
inline array hermitian_part(const array& a, const Stream& s) {
  return halved(add(a, adjoint(a, s), s), s);
}

/// One triangle with its diagonal, zeros elsewhere.
inline array triangle(const array& a, bool upper, const Stream& s) {
  return upper ? triu(a, 0, s) : tril(a, 0, s);
}
/// One triangle without its diagonal.
inline array strict_triangle(const array& a, bool upper, const Stream& s) {
  return upper ? triu(a, 1, s) : tril(a, -1, s);
}

inline array diagonal_of(const array& a, const Stream& s) { return diagonal(a, 0, -2, -1, s); }
inline array diagonal_matrix(const array& d, const Stream& s) {
  array zero(0, d.dtype());
  return where(eye(d.shape(-1), bool_, s), expand_dims(d, -1, s), zero, s);
}

/// The same matrix with a real diagonal.
inline array hermitian_diagonal(const array& a, const Stream& s) {
  if (a.dtype() != complex64) return a;
  array phase = diagonal_matrix(imag(diagonal_of(a, s), s), s);
  return subtract(a, multiply(array(complex64_t(0, 1)), phase, s), s);
}

/// a @ diag(d) and diag(d) @ a.
inline array scale_columns(const array& a, const array& d, const Stream& s) {
  return multiply(a, expand_dims(d, -2, s), s);
}
inline array scale_rows(const array& a, const array& d, const Stream& s) {
  return multiply(expand_dims(d, -1, s), a, s);
}

/// The first rows and columns, or zeros behind them, in a given size.
inline array resized(const array& a, int rows, int columns, const Stream& s) {
  Shape kept = a.shape();
  const int axis = int(a.ndim()) - 2;
  kept[axis] = std::min(kept[axis], rows);
  kept[axis + 1] = std::min(kept[axis + 1], columns);
  array part = slice(a, Shape(a.ndim()), kept, s);
  Shape missing{rows - kept[axis], columns - kept[axis + 1]};
  if (missing == Shape{0, 0}) return part;
  return pad(part, std::vector<int>{axis, axis + 1}, Shape{0, 0}, missing, array(0, a.dtype()),
             "constant", s);
}

/// 1 / a, but 0 where a is.
inline array reciprocal_or_zero(const array& a, const Stream& s) {
  array is_zero = equal(a, array(0, a.dtype()), s);
  // The inner choice keeps infinities out of derivatives.
  array divisor = where(is_zero, array(1, a.dtype()), a, s);
  return where(is_zero, array(0, a.dtype()), reciprocal(divisor, s), s);
}

/// d[j] - d[i] at row i and column j.
inline array gaps(const array& d, const Stream& s) {
  return subtract(expand_dims(d, -2, s), expand_dims(d, -1, s), s);
}

}  // namespace mlx::core
