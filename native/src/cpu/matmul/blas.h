#pragma once

#include <cstdint>

#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// The engine's own threads call BLAS and LAPACK, each for a part of the work; a second set of
/// threads would only disturb.
void hold_blas_to_one_thread();

/// Whether its kernels have narrower vectors than the processor: OpenBLAS takes processors that
/// came after it for older ones, and can be told to (OPENBLAS_CORETYPE).
bool has_narrow_blas();

/// Whether the BLAS can read a matrix as it lies: one stride is 1 and the rows along it don't
/// overlap.
bool is_blas_matrix(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride);

/// out (+)= a @ b by the system's BLAS on the calling thread. Operands satisfy is_blas_matrix.
template <typename T>
void blas_gemm(int64_t m, int64_t n, int64_t k, const MatrixView<T>& a, const MatrixView<T>& b,
               T* out, int64_t out_row_stride, bool accumulate);

}  // namespace mlx::core::cpu
