#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// A matrix, or one of a batch, that is read. Strides count elements.
struct MatrixPlace {
  Place place;
  int64_t row_stride = 0, column_stride = 0;
  /// One for each batch axis.
  std::span<const int64_t> batch_strides;
};

/// D = alpha A B + beta C for every matrix of a batch, all of one dtype.
struct MatmulArgs {
  Dtype::Val dtype;
  /// A is m x k, B is k x n, C and D are m x n.
  int64_t m, n, k;
  std::span<const int32_t> batch_shape;
  MatrixPlace a, b;
  /// Without memory there is no C.
  MatrixPlace c;
  /// Row-major rows, d_row_stride elements apart (0: without gaps), one matrix after another.
  Place d;
  int64_t d_row_stride = 0;
  float alpha = 1, beta = 1;
};

/// By the device's own library where it has one that can, or else by tiles. float32 stays float32
/// all the way; half types are summed in float32 and rounded once.
void matmul(Commands& commands, const MatmulArgs& args);

/// For tests and comparison: never by the device's own library.
void matmul_by_tiles(Commands& commands, const MatmulArgs& args);

/// Which of some matrices products are of, by indices along one axis.
struct GatheredMatrices {
  StridedPlace a_indices, b_indices;
  /// Matrices there are, and elements from one to the next.
  int64_t a_count, b_count, a_step, b_step;
};
/// A product for each index; the matrices of the batch have no strides of their own.
void gather_matmul(Commands& commands, const MatmulArgs& args, const GatheredMatrices& matrices);

/// A product for each slice of the inner dimension; `bounds` has a row of two integers for each.
void segmented_matmul(Commands& commands, const MatmulArgs& args, const StridedPlace& bounds);

}  // namespace mlx::core::gpu
