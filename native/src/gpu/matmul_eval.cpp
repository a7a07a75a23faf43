#include "gpu/arrays.h"
#include "gpu/matmul.h"
#include "primitives/matmul.h"

namespace mlx::core {
namespace {

gpu::MatrixPlace operand(gpu::Encoder& encoder, const array& a) {
  return {encoder.read(a), a.strides(-2), a.strides(-1), gpu::strides_of(a).first(a.ndim() - 2)};
}

/// Null `c` adds nothing.
void multiply(const array& a, const array& b, const array* c, float alpha, float beta,
              array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  gpu::MatmulArgs args{.dtype = output.dtype(),
                       .m = a.shape(-2),
                       .n = b.shape(-1),
                       .k = a.shape(-1),
                       .batch_shape = gpu::shape_of(a).first(a.ndim() - 2),
                       .a = operand(encoder, a),
                       .b = operand(encoder, b),
                       .c = c ? operand(encoder, *c) : gpu::MatrixPlace{},
                       .d = encoder.write(output),
                       .alpha = alpha,
                       .beta = beta};
  encoder.encode([&](gpu::Commands& commands) { gpu::matmul(commands, args); });
}

}  // namespace

void Matmul::eval_gpu(const std::vector<array>& inputs, array& output) {
  multiply(inputs[0], inputs[1], nullptr, 1, 1, output);
}

void AddMM::eval_gpu(const std::vector<array>& inputs, array& output) {
  multiply(inputs[0], inputs[1], &inputs[2], alpha_, beta_, output);
}

}  // namespace mlx::core
