#pragma once

#include <span>

#include "gpu/matmul.h"

namespace mlx::core::gpu {

/// D = A @ B in square blocks, of which masks leave some out. A mask is a matrix of bool with one
/// element for each block, also for those that the matrices' ends cut.
struct BlockMasks {
  int64_t block;
  MatrixPlace d, a, b;
};
void block_masked_matmul(Commands& commands, const MatmulArgs& args, const BlockMasks& masks);

/// The adjoint of segmented_matmul: D[:, segment s] is the sum of C[s] @ B[segment s, :]^T over the
/// segments that cover it, in their order. D is m x k and row-major.
struct SegmentedAdjointArgs {
  Dtype::Val dtype;
  /// C[s] is m x n, with one batch stride; B is k x n.
  int64_t m, n, k;
  MatrixPlace c, b;
  StridedPlace bounds;
  Place d;
};
void segmented_matmul_adjoint(Commands& commands, const SegmentedAdjointArgs& args);

}  // namespace mlx::core::gpu
