#pragma once

#include <cstdint>
#include <span>

#include "cpu/matmul/gemm.h"

namespace mlx::core::cpu {

/// D = A @ B in square blocks, of which masks leave some out. A mask is a GemmOperand over bool,
/// with one element for each block, also for those that the matrices' ends cut.
struct BlockMaskedGemmArgs {
  Dtype dtype;
  int64_t m, n, k, block;
  std::span<const int32_t> batch_shape = {};
  GemmOperand a, b, mask_out, mask_a, mask_b;
  /// Row-major; the matrices of a batch follow each other.
  void* d;
};

void block_masked_gemm(const BlockMaskedGemmArgs& args);

}  // namespace mlx::core::cpu
