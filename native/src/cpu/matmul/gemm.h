#pragma once

#include <cstdint>
#include <span>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// Matrices that gemm reads. Strides count elements and may be zero or negative; data points at the
/// element whose indices are all zero. One batch stride for each batch axis.
struct GemmOperand {
  const void* data = nullptr;
  int64_t row_stride = 0;
  int64_t column_stride = 0;
  std::span<const int64_t> batch_strides = {};
};

/// D = alpha * A @ B + beta * C for every matrix of a batch, all of one dtype.
struct GemmArgs {
  Dtype dtype;
  /// A is m x k, B is k x n, C and D are m x n.
  int64_t m, n, k;
  std::span<const int32_t> batch_shape = {};
  GemmOperand a, b;
  /// Without data there is no C.
  GemmOperand c = {};
  /// Row-major rows, d_row_stride elements apart; matrices of a batch follow each other at
  /// m * d_row_stride. Must not overlap what is read.
  void* d = nullptr;
  int64_t d_row_stride = 0;
  double alpha = 1;
  double beta = 1;
};

/// Half types are multiplied and summed in float32 and rounded once. Integers wrap, with alpha and
/// beta converted to their type first; bool is "or" of "and". NaN and infinities of A and B reach D
/// even when alpha is 0; C isn't read when beta is 0. The bits don't depend on the number of
/// threads.
void gemm(const GemmArgs& args);

}  // namespace mlx::core::cpu
