#include "cpu/array_view.h"
#include "cpu/index/index_reader.h"
#include "cpu/selective_matmul/block_masked_gemm.h"
#include "cpu/selective_matmul/gather_gemm.h"
#include "cpu/selective_matmul/segmented_gemm.h"
#include "primitives/selective_matmul.h"

namespace mlx::core {
namespace {

/// The last two axes as a matrix, the others as the batch.
cpu::GemmOperand operand(const array& a) {
  return {a.data<void>(), a.strides(-2), a.strides(-1), {a.strides().data(), a.ndim() - 2}};
}

/// Where the chosen matrices begin, in elements.
std::vector<int64_t> matrix_offsets(const array& matrices, const array& indices) {
  std::vector<int64_t> offsets(indices.size());
  cpu::read_indices({"gather_mm", 0, matrices.shape(0), 1, matrices.strides(0)}, indices.dtype(),
                    indices.data<void>(), indices.strides(0), int64_t(indices.size()),
                    offsets.data());
  return offsets;
}

/// The bounds in range; one past the last element is a bound, too.
std::vector<cpu::Segment> read_segments(const array& segments, int k) {
  std::vector<int64_t> bounds[2];
  for (int side = 0; side < 2; ++side) {
    bounds[side].resize(size_t(segments.shape(0)));
    auto data = segments.data<char>() + side * segments.strides(1) * int64_t(segments.itemsize());
    cpu::read_segment_bounds(segments.dtype(), data, segments.strides(0), segments.shape(0), k,
                             bounds[side].data());
  }
  std::vector<cpu::Segment> result;
  for (size_t i = 0; i < bounds[0].size(); ++i) result.push_back({bounds[0][i], bounds[1][i]});
  return result;
}

}  // namespace

void GatherMM::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array &a = inputs[0], &b = inputs[1];
  cpu::allocate(output);
  auto a_offsets = matrix_offsets(a, inputs[2]), b_offsets = matrix_offsets(b, inputs[3]);
  cpu::gather_gemm({.dtype = output.dtype(),
                    .m = a.shape(1),
                    .n = b.shape(2),
                    .k = a.shape(2),
                    .a = operand(a),
                    .b = operand(b),
                    .a_offsets = a_offsets,
                    .b_offsets = b_offsets,
                    .d = output.data<void>()});
}

void SegmentedMM::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array &a = inputs[0], &b = inputs[1];
  cpu::allocate(output);
  auto segments = read_segments(inputs[2], a.shape(1));
  cpu::segmented_gemm({.dtype = output.dtype(),
                       .m = a.shape(0),
                       .n = b.shape(1),
                       .a = operand(a),
                       .b = operand(b),
                       .segments = segments,
                       .d = output.data<void>()});
}

void SegmentedMMAdjoint::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array &c = inputs[0], &b = inputs[1];
  cpu::allocate(output);
  auto segments = read_segments(inputs[2], b.shape(0));
  cpu::segmented_gemm_adjoint({.dtype = output.dtype(),
                               .m = c.shape(1),
                               .n = c.shape(2),
                               .k = b.shape(0),
                               .c = operand(c),
                               .b = operand(b),
                               .segments = segments,
                               .d = output.data<void>()});
}

void BlockMaskedMM::eval_cpu(const std::vector<array>& inputs, array& output) {
  const array &a = inputs[0], &b = inputs[1];
  cpu::allocate(output);
  cpu::block_masked_gemm({.dtype = output.dtype(),
                          .m = a.shape(-2),
                          .n = b.shape(-1),
                          .k = a.shape(-1),
                          .block = block_size_,
                          .batch_shape = {a.shape().data(), a.ndim() - 2},
                          .a = operand(a),
                          .b = operand(b),
                          .mask_out = operand(inputs[2]),
                          .mask_a = operand(inputs[3]),
                          .mask_b = operand(inputs[4]),
                          .d = output.data<void>()});
}

}  // namespace mlx::core
