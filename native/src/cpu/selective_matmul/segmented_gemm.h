#pragma once

#include <cstdint>
#include <span>

#include "cpu/matmul/gemm.h"

namespace mlx::core::cpu {

/// A slice [begin, end) of an axis; end may lie before begin, then it is empty.
struct Segment {
  int64_t begin, end;
  int64_t size() const { return end > begin ? end - begin : 0; }
};

/// Reads bounds of any integer dtype, `step` elements apart, for an axis of size k. Negative ones
/// count from the end. Throws EngineError for a bound out of range.
void read_segment_bounds(Dtype dtype, const void* data, int64_t step, int64_t count, int64_t k,
                         int64_t* bounds);

/// d[s] = A[:, segment s] @ B[segment s, :]. The results are row-major and follow each other.
struct SegmentedGemmArgs {
  Dtype dtype;
  /// A is m x k and B k x n; the segments are inside k.
  int64_t m, n;
  GemmOperand a, b;
  std::span<const Segment> segments;
  void* d;
};
void segmented_gemm(const SegmentedGemmArgs& args);

/// The adjoint: D[:, segment s] is the sum of C[s] @ B[segment s, :]^T over the segments that cover
/// it, in their order. D is m x k and row-major.
struct SegmentedGemmAdjointArgs {
  Dtype dtype;
  int64_t m, n, k;
  /// C[s] is m x n, C's one batch stride apart; B is k x n.
  GemmOperand c, b;
  std::span<const Segment> segments;
  void* d;
};
void segmented_gemm_adjoint(const SegmentedGemmAdjointArgs& args);

}  // namespace mlx::core::cpu
