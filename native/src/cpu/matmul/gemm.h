#pragma once

#include <cstdint>
#include <span>

#include "mlx/dtype.h"

namespace mlx::core {

/// A matrix anywhere in memory; strides in elements, any sign.
struct MatrixView {
  const void* data;
  int64_t row_stride;
  int64_t column_stride;
};

/// out = a @ b, out row-contiguous. Floating sums are at least float32, rounded once at the end;
/// integers wrap. The split over threads depends on the shapes alone.
void gemm(Dtype::Val dtype, int64_t m, int64_t n, int64_t k, MatrixView a, MatrixView b, void* out);

/// The same for each index of a batch shape; strides in elements, one for each batch dimension.
/// The results lie one after another.
void batched_gemm(Dtype::Val dtype, std::span<const int32_t> batch_shape, int64_t m, int64_t n,
                  int64_t k, MatrixView a, std::span<const int64_t> a_strides, MatrixView b,
                  std::span<const int64_t> b_strides, void* out);

/// float32 on the calling thread: out = a @ b + (accumulate ? out : 0), rows of out `ld` apart.
void sgemm_serial(int64_t m, int64_t n, int64_t k, MatrixView a, MatrixView b, float* out,
                  int64_t ld, bool accumulate);

}  // namespace mlx::core
