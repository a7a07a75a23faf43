#pragma once

#include <cstdint>
#include <span>

#include "cpu/matmul/gemm.h"

namespace mlx::core::cpu {

/// d[i] = (A at a_offsets[i]) @ (B at b_offsets[i]), with offsets in elements from the operands'
/// data. A is m x k, B k x n; the results are row-major and follow each other.
struct GatherGemmArgs {
  Dtype dtype;
  int64_t m, n, k;
  GemmOperand a, b;
  std::span<const int64_t> a_offsets, b_offsets;
  void* d;
};

void gather_gemm(const GatherGemmArgs& args);

}  // namespace mlx::core::cpu
