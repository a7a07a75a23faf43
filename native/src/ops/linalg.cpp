#include "mlx/linalg.h"

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "primitives/determinant.h"
#include "primitives/eigen.h"
#include "primitives/factorization.h"
#include "primitives/linear_system.h"
#include "primitives/singular_values.h"
#include "runtime/cpu_stream.h"

namespace mlx::core::linalg {
namespace {

void check_matrices(const char* op, const array& a) {
  if (a.dtype() != float32 && a.dtype() != float64 && a.dtype() != complex64)
    throw DtypeError(concat_text("[", op, "] Expected float32, float64 or complex64 but received ",
                                 a.dtype(), "."));
  if (a.ndim() < 2)
    throw ShapeError(concat_text("[", op, "] Expected at least 2 dimensions but received shape ",
                                 a.shape(), "."));
}

void check_square(const char* op, const array& a) {
  check_matrices(op, a);
  if (a.shape(-1) != a.shape(-2))
    throw ShapeError(
        concat_text("[", op, "] Expected square matrices but received shape ", a.shape(), "."));
}

/// The dtype of norms and singular values.
Dtype real_dtype(const array& a) { return a.dtype() == complex64 ? float32 : a.dtype(); }

/// The axes of a batch, and then others.
Shape batch_and(const array& a, std::initializer_list<int> last) {
  Shape shape(a.shape().begin(), a.shape().end() - 2);
  for (int size : last) shape.push_back(size);
  return shape;
}

/// A function whose result is of its input's shape and dtype.
template <typename Function, typename... Options>
array same_shape(const char* op, const array& a, const StreamOrDevice& s, Options... options) {
  auto primitive = std::make_shared<Function>(cpu_stream(op, s), options...);
  return array(a.shape(), a.dtype(), std::move(primitive), {a});
}

bool is_upper(const char* op, const std::string& uplo) {
  if (uplo != "L" && uplo != "U" && uplo != "l" && uplo != "u")
    throw std::invalid_argument(
        concat_text("[", op, "] UPLO must be \"L\" or \"U\" but is \"", uplo, "\"."));
  return uplo == "U" || uplo == "u";
}

/// Solves with b as matrices and the batches broadcast.
template <typename Function>
array solve_with(const char* op, const array& a, const array& b, const Function& function,
                 const Stream& s) {
  const Dtype dtype = result_type(a, b);
  array left = astype(a, dtype, s), right = astype(b, dtype, s);
  check_square(op, left);
  const int n = a.shape(-1);
  if (b.ndim() < 1 || b.shape(b.ndim() == 1 ? -1 : -2) != n)
    throw ShapeError(concat_text("[", op, "] Expected right-hand sides with ", n,
                                 " rows for matrices of shape ", a.shape(), " but received shape ",
                                 b.shape(), "."));
  if (b.ndim() == 1)
    return squeeze(solve_with(op, left, expand_dims(right, -1, s), function, s), -1, s);
  if (a.ndim() == 2 && b.ndim() > 2) {
    // One matrix, decomposed once: the batch becomes further columns.
    array rows = moveaxis(right, -2, 0, s);
    array x = function(left, reshape(rows, {n, n == 0 ? 0 : int(rows.size() / size_t(n))}, s));
    return moveaxis(reshape(x, rows.shape(), s), 0, -2, s);
  }
  Shape batch = broadcast_shapes(batch_and(left, {}), batch_and(right, {}));
  auto with_batch = [&](const array& m) {
    Shape shape = batch;
    shape.push_back(m.shape(-2));
    shape.push_back(m.shape(-1));
    return broadcast_to(m, shape, s);
  };
  return function(with_batch(left), with_batch(right));
}

std::vector<array> lu_outputs(const char* op, const array& a, const Stream& s) {
  check_matrices(op, a);
  const int m = a.shape(-2), k = std::min(m, a.shape(-1));
  return array::make_arrays({a.shape(), batch_and(a, {k}), batch_and(a, {m})},
                            {a.dtype(), uint32, uint32}, std::make_shared<LUF>(s), {a});
}

}  // namespace

// ---- Inverses

array inv(const array& a, StreamOrDevice s) {
  check_square("inv", a);
  return same_shape<Inverse>("inv", a, s);
}

array tri_inv(const array& a, bool upper, StreamOrDevice s) {
  check_square("tri_inv", a);
  return same_shape<TriangularInverse>("tri_inv", a, s, upper);
}

array cholesky_inv(const array& a, bool upper, StreamOrDevice s) {
  check_square("cholesky_inv", a);
  Stream stream = cpu_stream("cholesky_inv", s);
  array factor = tri_inv(a, upper, stream);
  array adjoint = conjugate(swapaxes(factor, -1, -2, stream), stream);
  return upper ? matmul(factor, adjoint, stream) : matmul(adjoint, factor, stream);
}

array pinv(const array& a, StreamOrDevice s) {
  check_matrices("pinv", a);
  return array(batch_and(a, {a.shape(-1), a.shape(-2)}), a.dtype(),
               std::make_shared<PseudoInverse>(cpu_stream("pinv", s)), {a});
}

// ---- Systems

array solve(const array& a, const array& b, StreamOrDevice s) {
  Stream stream = cpu_stream("solve", s);
  auto function = [&](const array& left, const array& right) {
    return array(right.shape(), right.dtype(), std::make_shared<Solve>(stream), {left, right});
  };
  return solve_with("solve", a, b, function, stream);
}

array solve_triangular(const array& a, const array& b, bool upper, StreamOrDevice s) {
  Stream stream = cpu_stream("solve_triangular", s);
  auto function = [&](const array& left, const array& right) {
    auto primitive = std::make_shared<SolveTriangular>(stream, upper);
    return array(right.shape(), right.dtype(), std::move(primitive), {left, right});
  };
  return solve_with("solve_triangular", a, b, function, stream);
}

// ---- Determinants

array det(const array& matrices, StreamOrDevice s) {
  Stream stream = cpu_stream("det", s);
  array a = astype(matrices, at_least_float(matrices.dtype()), stream);
  check_square("det", a);
  return array(batch_and(a, {}), a.dtype(), std::make_shared<Determinant>(stream), {a});
}

std::pair<array, array> slogdet(const array& matrices, StreamOrDevice s) {
  Stream stream = cpu_stream("slogdet", s);
  array a = astype(matrices, at_least_float(matrices.dtype()), stream);
  check_square("slogdet", a);
  Shape shape = batch_and(a, {});
  auto outputs = array::make_arrays({shape, shape}, {a.dtype(), real_dtype(a)},
                                    std::make_shared<LogDeterminant>(stream), {a});
  return {outputs[0], outputs[1]};
}

// ---- Decompositions

array cholesky(const array& a, bool upper, StreamOrDevice s) {
  check_square("cholesky", a);
  return same_shape<Cholesky>("cholesky", a, s, upper);
}

std::pair<array, array> lu_factor(const array& a, StreamOrDevice s) {
  auto outputs = lu_outputs("lu_factor", a, cpu_stream("lu_factor", s));
  return {outputs[0], outputs[1]};
}

std::vector<array> lu(const array& a, StreamOrDevice s) {
  Stream stream = cpu_stream("lu", s);
  auto outputs = lu_outputs("lu", a, stream);
  const int m = a.shape(-2), n = a.shape(-1), k = std::min(m, n);
  const array& both = outputs[0];
  const Shape start(a.ndim());
  array l = tril(slice(both, start, batch_and(a, {m, k}), stream), -1, stream);
  array u = triu(slice(both, start, batch_and(a, {k, n}), stream), 0, stream);
  return {outputs[2], add(l, eye(m, k, 0, a.dtype(), stream), stream), u};
}

std::pair<array, array> qr(const array& a, StreamOrDevice s) {
  check_matrices("qr", a);
  const int m = a.shape(-2), n = a.shape(-1), k = std::min(m, n);
  auto outputs =
      array::make_arrays({batch_and(a, {m, k}), batch_and(a, {k, n})}, {a.dtype(), a.dtype()},
                         std::make_shared<QRF>(cpu_stream("qr", s)), {a});
  return {outputs[0], outputs[1]};
}

std::vector<array> svd(const array& a, bool compute_uv, StreamOrDevice s) {
  check_matrices("svd", a);
  const int m = a.shape(-2), n = a.shape(-1);
  auto primitive = std::make_shared<SVD>(cpu_stream("svd", s), compute_uv);
  Shape values = batch_and(a, {std::min(m, n)});
  if (!compute_uv) return {array(values, real_dtype(a), std::move(primitive), {a})};
  return array::make_arrays({batch_and(a, {m, m}), values, batch_and(a, {n, n})},
                            {a.dtype(), real_dtype(a), a.dtype()}, primitive, {a});
}

std::pair<array, array> eig(const array& a, StreamOrDevice s) {
  check_square("eig", a);
  auto outputs =
      array::make_arrays({batch_and(a, {a.shape(-1)}), a.shape()}, {complex64, complex64},
                         std::make_shared<Eig>(cpu_stream("eig", s), true), {a});
  return {outputs[0], outputs[1]};
}

array eigvals(const array& a, StreamOrDevice s) {
  check_square("eigvals", a);
  return array(batch_and(a, {a.shape(-1)}), complex64,
               std::make_shared<Eig>(cpu_stream("eigvals", s), false), {a});
}

std::pair<array, array> eigh(const array& a, std::string UPLO, StreamOrDevice s) {
  check_square("eigh", a);
  auto primitive = std::make_shared<Eigh>(cpu_stream("eigh", s), is_upper("eigh", UPLO), true);
  auto outputs = array::make_arrays({batch_and(a, {a.shape(-1)}), a.shape()},
                                    {real_dtype(a), a.dtype()}, primitive, {a});
  return {outputs[0], outputs[1]};
}

array eigvalsh(const array& a, std::string UPLO, StreamOrDevice s) {
  check_square("eigvalsh", a);
  auto primitive =
      std::make_shared<Eigh>(cpu_stream("eigvalsh", s), is_upper("eigvalsh", UPLO), false);
  return array(batch_and(a, {a.shape(-1)}), real_dtype(a), std::move(primitive), {a});
}

}  // namespace mlx::core::linalg
