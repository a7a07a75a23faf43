#pragma once

#include "derivative_checks.h"
#include "mlx/linalg.h"

namespace mlx::core::testing {

inline array adjoint_of(const array& a) { return conjugate(swapaxes(a, -1, -2)); }

/// Identity matrices in a batch's shape.
inline array identity_like(const array& a) {
  return add(zeros_like(a), identity(a.shape(-1), a.dtype()));
}

/// Hermitian matrices whose eigenvalues are at least 1.
inline array positive_definite(const array& a) {
  return add(matmul(a, adjoint_of(a)), identity(a.shape(-2), a.dtype()));
}

inline array hermitian(const array& a) { return add(a, adjoint_of(a)); }

/// What results in a dtype may differ by, for small matrices.
inline double tolerance(Dtype dtype) { return dtype == float64 ? 1e-11 : 2e-4; }

inline const Dtype lapack_dtypes[] = {float32, float64, complex64};

/// The same values with other strides.
inline array column_order(const array& a) {
  array turned = swapaxes(contiguous(swapaxes(a, -1, -2)), -1, -2);
  turned.eval();
  return turned;
}

}  // namespace mlx::core::testing
