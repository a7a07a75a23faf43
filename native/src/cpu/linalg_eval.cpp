#include "cpu/array_view.h"
#include "cpu/copy/copy.h"
#include "cpu/linalg/cholesky.h"
#include "cpu/linalg/cofactors.h"
#include "cpu/linalg/eigen.h"
#include "cpu/linalg/lu.h"
#include "cpu/linalg/qr.h"
#include "cpu/linalg/svd.h"
#include "cpu/linalg/triangular.h"
#include "mlx/utils.h"
#include "primitives/determinant.h"
#include "primitives/eigen.h"
#include "primitives/factorization.h"
#include "primitives/linear_system.h"
#include "primitives/singular_values.h"

namespace mlx::core {
namespace {

/// How many matrices an array holds.
int64_t batch_size(const array& a) {
  int64_t count = 1;
  for (size_t i = 0; i + 2 < a.ndim(); ++i) count *= a.shape(int(i));
  return count;
}

/// The matrices of a, column after column, in memory of their size.
void copy_columns(const array& a, void* memory) {
  Shape shape = a.shape();
  Strides strides = a.strides();
  const size_t row = shape.size() - 2, column = shape.size() - 1;
  std::swap(shape[row], shape[column]);
  std::swap(strides[row], strides[column]);
  cpu::copy_contiguous(a.itemsize(), {shape.data(), shape.size()}, a.data<void>(),
                       {strides.data(), strides.size()}, memory);
}

/// Gives the array a buffer in which every matrix has contiguous columns.
void allocate_columns(array& a) {
  if (a.size() == 0) return cpu::allocate(a);
  Strides strides = row_contiguous_strides(a.shape());
  const size_t row = strides.size() - 2;
  const int rows = a.shape(-2), columns = a.shape(-1);
  strides[row] = 1;
  strides[row + 1] = rows;
  const bool is_vector = rows == 1 || columns == 1;
  const array::Flags flags{true, is_vector, batch_size(a) == 1};
  a.set_data(allocator::malloc(a.nbytes()), a.size(), strides, flags);
}

/// A copy of the array that a kernel may overwrite.
array scratch_rows(const array& a) {
  array copy(a.shape(), a.dtype(), nullptr, {});
  cpu::copy_or_donate(a, copy);
  return copy;
}
array scratch_columns(const array& a) {
  array copy(a.shape(), a.dtype(), nullptr, {});
  allocate_columns(copy);
  copy_columns(a, copy.data<void>());
  return copy;
}

}  // namespace

void Inverse::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array& out = outputs[0];
  cpu::copy_or_donate(inputs[0], out);
  cpu::invert(out.dtype(), batch_size(out), out.shape(-1), out.data<void>());
}

void TriangularInverse::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array& out = outputs[0];
  cpu::copy_or_donate(inputs[0], out);
  cpu::invert_triangle(out.dtype(), batch_size(out), out.shape(-1), upper_, out.data<void>());
}

void Solve::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array& out = outputs[0];
  array a = scratch_columns(inputs[0]);
  allocate_columns(out);
  copy_columns(inputs[1], out.data<void>());
  cpu::solve(out.dtype(), batch_size(out), out.shape(-2), out.shape(-1), a.data<void>(),
             out.data<void>());
}

void SolveTriangular::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array& out = outputs[0];
  array a = cpu::row_contiguous(inputs[0]);
  cpu::copy_or_donate(inputs[1], out);
  cpu::solve_triangle(out.dtype(), batch_size(out), out.shape(-2), out.shape(-1), upper_,
                      a.data<void>(), out.data<void>());
}

void Determinant::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array a = scratch_rows(inputs[0]);
  cpu::allocate(outputs[0]);
  cpu::determinant(a.dtype(), batch_size(a), a.shape(-1), a.data<void>(), outputs[0].data<void>(),
                   nullptr);
}

void LogDeterminant::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array a = scratch_rows(inputs[0]);
  for (array& out : outputs) cpu::allocate(out);
  cpu::determinant(a.dtype(), batch_size(a), a.shape(-1), a.data<void>(), outputs[0].data<void>(),
                   outputs[1].data<void>());
}

void Cofactors::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array a = scratch_rows(inputs[0]);
  cpu::allocate(outputs[0]);
  cpu::cofactors(a.dtype(), batch_size(a), a.shape(-1), a.data<void>(), outputs[0].data<void>());
}

void Cholesky::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array& out = outputs[0];
  cpu::copy_or_donate(inputs[0], out);
  cpu::cholesky(out.dtype(), batch_size(out), out.shape(-1), upper_, out.data<void>());
}

void LUF::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array& both = outputs[0];
  allocate_columns(both);
  copy_columns(inputs[0], both.data<void>());
  cpu::allocate(outputs[1]);
  cpu::allocate(outputs[2]);
  cpu::lu_factor(both.dtype(), batch_size(both), both.shape(-2), both.shape(-1), both.data<void>(),
                 outputs[1].data<uint32_t>(), outputs[2].data<uint32_t>());
}

void QRF::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array a = scratch_rows(inputs[0]);
  for (array& out : outputs) cpu::allocate(out);
  cpu::qr(a.dtype(), batch_size(a), a.shape(-2), a.shape(-1), a.data<void>(),
          outputs[0].data<void>(), outputs[1].data<void>());
}

void SVD::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array a = scratch_rows(inputs[0]);
  for (array& out : outputs) cpu::allocate(out);
  void* values = outputs[compute_uv_ ? 1 : 0].data<void>();
  void* u = compute_uv_ ? outputs[0].data<void>() : nullptr;
  void* vt = compute_uv_ ? outputs[2].data<void>() : nullptr;
  cpu::svd(a.dtype(), batch_size(a), a.shape(-2), a.shape(-1), a.data<void>(), values, u, vt);
}

void PseudoInverse::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array a = scratch_rows(inputs[0]);
  cpu::allocate(outputs[0]);
  cpu::pseudo_inverse(a.dtype(), batch_size(a), a.shape(-2), a.shape(-1), a.data<void>(),
                      outputs[0].data<void>());
}

void Eigh::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  const array& a = inputs[0];
  array& values = outputs[0];
  cpu::allocate(values);
  auto run = [&](array& matrices) {
    cpu::eigh(a.dtype(), batch_size(a), a.shape(-1), upper_, compute_eigenvectors_,
              matrices.data<void>(), values.data<void>());
  };
  if (!compute_eigenvectors_) {
    array scratch = scratch_columns(a);
    return run(scratch);
  }
  allocate_columns(outputs[1]);
  copy_columns(a, outputs[1].data<void>());
  run(outputs[1]);
}

void Eig::eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  array a = scratch_columns(inputs[0]);
  cpu::allocate(outputs[0]);
  if (compute_eigenvectors_) allocate_columns(outputs[1]);
  cpu::eig(a.dtype(), batch_size(a), a.shape(-1), a.data<void>(), outputs[0].data<complex64_t>(),
           compute_eigenvectors_ ? outputs[1].data<complex64_t>() : nullptr);
}

}  // namespace mlx::core
