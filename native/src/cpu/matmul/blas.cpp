#include "cpu/matmul/blas.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "hwy/targets.h"
#include "runtime/library_call.h"

#ifdef __APPLE__
#define ACCELERATE_NEW_LAPACK
#include <Accelerate/Accelerate.h>
#else
#include <cblas.h>
// Plain cblas.h, which may be another package's, doesn't have these.
extern "C" void openblas_set_num_threads(int);
extern "C" char* openblas_get_corename();
#endif

namespace mlx::core::cpu {
namespace {

constexpr int64_t kMaxStride = std::numeric_limits<int>::max();

/// Rows of contiguous elements.
bool are_rows(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride) {
  return (column_stride == 1 || columns == 1) &&
         (rows == 1 || (row_stride >= columns && row_stride <= kMaxStride));
}

/// A matrix as BLAS describes it. The stride of a single row isn't looked at, but must be valid.
struct Layout {
  CBLAS_TRANSPOSE transpose;
  int stride;

  Layout(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride) {
    const bool plain = are_rows(rows, columns, row_stride, column_stride);
    const int64_t count = plain ? rows : columns, length = plain ? columns : rows;
    transpose = plain ? CblasNoTrans : CblasTrans;
    stride = int(count == 1 ? length : plain ? row_stride : column_stride);
  }
};

}  // namespace

void hold_blas_to_one_thread() {
#ifndef __APPLE__
  static const bool once = (openblas_set_num_threads(1), true);
  (void)once;
#endif
}

bool has_narrow_blas() {
#if defined(__x86_64__) && !defined(__APPLE__)
  static const bool is_narrow = [] {
    const std::string_view kernels = openblas_get_corename();
    const bool has_avx512 =
        kernels == "SkylakeX" || kernels == "Cooperlake" || kernels == "SapphireRapids";
    return !has_avx512 && (hwy::SupportedTargets() & HWY_AVX3) != 0;
  }();
  return is_narrow;
#else
  return false;
#endif
}

bool is_blas_matrix(int64_t rows, int64_t columns, int64_t row_stride, int64_t column_stride) {
  return are_rows(rows, columns, row_stride, column_stride) ||
         are_rows(columns, rows, column_stride, row_stride);
}

template <typename T>
void blas_gemm(int64_t m, int64_t n, int64_t k, const MatrixView<T>& a, const MatrixView<T>& b,
               T* out, int64_t out_row_stride, bool accumulate) {
  LibraryCall in_library;
  hold_blas_to_one_thread();
  const Layout left(m, k, a.row_stride, a.column_stride);
  const Layout right(k, n, b.row_stride, b.column_stride);
  const T one(1), beta(accumulate ? 1 : 0);
  const int rows = int(m), columns = int(n), inner = int(k), stride = int(out_row_stride);
  if constexpr (std::is_same_v<T, float>)
    cblas_sgemm(CblasRowMajor, left.transpose, right.transpose, rows, columns, inner, one, a.data,
                left.stride, b.data, right.stride, beta, out, stride);
  else if constexpr (std::is_same_v<T, double>)
    cblas_dgemm(CblasRowMajor, left.transpose, right.transpose, rows, columns, inner, one, a.data,
                left.stride, b.data, right.stride, beta, out, stride);
  else
    cblas_cgemm(CblasRowMajor, left.transpose, right.transpose, rows, columns, inner, &one, a.data,
                left.stride, b.data, right.stride, &beta, out, stride);
}

template void blas_gemm(int64_t, int64_t, int64_t, const MatrixView<float>&,
                        const MatrixView<float>&, float*, int64_t, bool);
template void blas_gemm(int64_t, int64_t, int64_t, const MatrixView<double>&,
                        const MatrixView<double>&, double*, int64_t, bool);
template void blas_gemm(int64_t, int64_t, int64_t, const MatrixView<complex64_t>&,
                        const MatrixView<complex64_t>&, complex64_t*, int64_t, bool);

}  // namespace mlx::core::cpu
