#include "primitives/determinant.h"

#include "mlx/linalg.h"
#include "primitives/matrix_parts.h"

namespace mlx::core {
namespace {

array cofactors(const array& a, const Stream& s) {
  return array(a.shape(), a.dtype(), std::make_shared<Cofactors>(s), {a});
}

/// The sums of products of the elements of two matrices: trace(transposed(a) @ b).
array sum_of_products(const array& a, const array& b, const Stream& s) {
  return sum(multiply(a, b, s), {-2, -1}, false, s);
}

/// A scalar a matrix as a (1, 1) matrix.
array as_matrix(const array& scalars, const Stream& s) { return expand_dims(scalars, {-2, -1}, s); }

}  // namespace

// ---- The derivative of the determinant by an element is its cofactor (Jacobi's formula).

std::vector<array> Determinant::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents, const std::vector<int>&) {
  return {sum_of_products(cofactors(primals[0], stream()), tangents[0], stream())};
}

std::vector<array> Determinant::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents, const std::vector<int>&,
                                    const std::vector<array>&) {
  array derivative = conjugate(cofactors(primals[0], stream()), stream());
  return {multiply(as_matrix(cotangents[0], stream()), derivative, stream())};
}

std::vector<array> Determinant::apply(const std::vector<array>& inputs) {
  return {linalg::det(inputs[0], stream())};
}

// ---- d log det a = trace(inverse(a) @ da); its imaginary part turns the sign.

std::vector<array> LogDeterminant::jvp(const std::vector<array>& primals,
                                       const std::vector<array>& tangents,
                                       const std::vector<int>&) {
  const Stream& s = stream();
  array inverse = linalg::inv(primals[0], s);
  array change = sum_of_products(transposed(inverse, s), tangents[0], s);
  if (primals[0].dtype() != complex64) return {zeros_like(change, s), change};
  array sign = linalg::slogdet(primals[0], s).first;
  array turn = multiply(array(complex64_t(0, 1)), imag(change, s), s);
  return {multiply(sign, turn, s), real(change, s)};
}

std::vector<array> LogDeterminant::vjp(const std::vector<array>& primals,
                                       const std::vector<array>& cotangents,
                                       const std::vector<int>&, const std::vector<array>& outputs) {
  const Stream& s = stream();
  array scale = cotangents[1];
  if (primals[0].dtype() == complex64) {
    array turn = imag(multiply(cotangents[0], conjugate(outputs[0], s), s), s);
    scale = add(scale, multiply(array(complex64_t(0, 1)), turn, s), s);
  }
  return {multiply(as_matrix(scale, s), adjoint(linalg::inv(primals[0], s), s), s)};
}

std::vector<array> LogDeterminant::apply(const std::vector<array>& inputs) {
  auto [sign, logarithm] = linalg::slogdet(inputs[0], stream());
  return {sign, logarithm};
}

// ---- Cofactors c = det(a) * transposed(y) with the inverse y, so
// dc = trace(y @ da) * c - transposed(y) @ transposed(da) @ c. Singular matrices have no y.

std::vector<array> Cofactors::jvp(const std::vector<array>& primals,
                                  const std::vector<array>& tangents, const std::vector<int>&) {
  const Stream& s = stream();
  array turned = transposed(linalg::inv(primals[0], s), s), c = cofactors(primals[0], s);
  array change = as_matrix(sum_of_products(turned, tangents[0], s), s);
  array rest = matmul(matmul(turned, transposed(tangents[0], s), s), c, s);
  return {subtract(multiply(change, c, s), rest, s)};
}

std::vector<array> Cofactors::vjp(const std::vector<array>& primals,
                                  const std::vector<array>& cotangents, const std::vector<int>&,
                                  const std::vector<array>& outputs) {
  const Stream& s = stream();
  array y = conjugate(linalg::inv(primals[0], s), s);
  array c = conjugate(outputs[0], s), turned = transposed(y, s);
  array scale = as_matrix(sum_of_products(c, cotangents[0], s), s);
  array rest = matmul(matmul(c, transposed(cotangents[0], s), s), turned, s);
  return {subtract(multiply(scale, turned, s), rest, s)};
}

std::vector<array> Cofactors::apply(const std::vector<array>& inputs) {
  return {cofactors(inputs[0], stream())};
}

}  // namespace mlx::core
