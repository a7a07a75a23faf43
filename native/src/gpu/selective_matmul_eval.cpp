#include "gpu/arrays.h"
#include "gpu/selective_matmul.h"
#include "primitives/selective_matmul.h"

namespace mlx::core {
namespace {

/// The last two axes as a matrix, the others as the batch.
gpu::MatrixPlace matrix(gpu::Encoder& encoder, const array& a) {
  return {encoder.read(a), a.strides(-2), a.strides(-1), gpu::strides_of(a).first(a.ndim() - 2)};
}

}  // namespace

void GatherMM::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  const array &a = inputs[0], &b = inputs[1];
  gpu::Encoder encoder;
  const int32_t products = output.shape(0);
  // Indices give the places in the batch.
  const int64_t no_stride = 0;
  gpu::MatmulArgs args{.dtype = output.dtype(),
                       .m = a.shape(1),
                       .n = b.shape(2),
                       .k = a.shape(2),
                       .batch_shape = {&products, 1},
                       .a = {encoder.read(a), a.strides(1), a.strides(2), {&no_stride, 1}},
                       .b = {encoder.read(b), b.strides(1), b.strides(2), {&no_stride, 1}},
                       .c = {},
                       .d = encoder.write(output)};
  gpu::GatheredMatrices matrices{encoder.strided(inputs[2]),
                                 encoder.strided(inputs[3]),
                                 a.shape(0),
                                 b.shape(0),
                                 a.strides(0),
                                 b.strides(0)};
  encoder.encode([&](gpu::Commands& commands) { gpu::gather_matmul(commands, args, matrices); });
}

void SegmentedMM::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  const array &a = inputs[0], &b = inputs[1];
  gpu::Encoder encoder;
  const int32_t segments = output.shape(0);
  const int64_t no_stride = 0;
  gpu::MatmulArgs args{.dtype = output.dtype(),
                       .m = a.shape(0),
                       .n = b.shape(1),
                       .k = a.shape(1),
                       .batch_shape = {&segments, 1},
                       .a = {encoder.read(a), a.strides(0), a.strides(1), {&no_stride, 1}},
                       .b = {encoder.read(b), b.strides(0), b.strides(1), {&no_stride, 1}},
                       .c = {},
                       .d = encoder.write(output)};
  auto bounds = encoder.strided(inputs[2]);
  encoder.encode([&](gpu::Commands& commands) { gpu::segmented_matmul(commands, args, bounds); });
}

void SegmentedMMAdjoint::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  const array &c = inputs[0], &b = inputs[1];
  gpu::Encoder encoder;
  gpu::SegmentedAdjointArgs args{.dtype = output.dtype(),
                                 .m = c.shape(1),
                                 .n = c.shape(2),
                                 .k = b.shape(0),
                                 .c = matrix(encoder, c),
                                 .b = matrix(encoder, b),
                                 .bounds = encoder.strided(inputs[2]),
                                 .d = encoder.write(output)};
  encoder.encode([&](gpu::Commands& commands) { gpu::segmented_matmul_adjoint(commands, args); });
}

void BlockMaskedMM::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  const array &a = inputs[0], &b = inputs[1];
  gpu::Encoder encoder;
  gpu::MatmulArgs args{.dtype = output.dtype(),
                       .m = a.shape(-2),
                       .n = b.shape(-1),
                       .k = a.shape(-1),
                       .batch_shape = gpu::shape_of(a).first(a.ndim() - 2),
                       .a = matrix(encoder, a),
                       .b = matrix(encoder, b),
                       .c = {},
                       .d = encoder.write(output)};
  gpu::BlockMasks masks{block_size_, matrix(encoder, inputs[2]), matrix(encoder, inputs[3]),
                        matrix(encoder, inputs[4])};
  encoder.encode([&](gpu::Commands& commands) { gpu::block_masked_matmul(commands, args, masks); });
}

}  // namespace mlx::core
