#include "gpu/arrays.h"
#include "gpu/reduce.h"
#include "primitives/reduce.h"

namespace mlx::core {
namespace {

gpu::ReduceOp kernel_op(Reduce::ReduceType type) {
  switch (type) {
    case Reduce::And:
      return gpu::ReduceOp::all;
    case Reduce::Or:
      return gpu::ReduceOp::any;
    case Reduce::Sum:
      return gpu::ReduceOp::sum;
    case Reduce::Prod:
      return gpu::ReduceOp::prod;
    case Reduce::Min:
      return gpu::ReduceOp::min;
    case Reduce::Max:
      break;
  }
  return gpu::ReduceOp::max;
}

void run(gpu::ReduceOp op, const array& in, std::span<const int> axes, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.strided(in);
  auto to = encoder.write(output);
  encoder.encode(
      [&](gpu::Commands& commands) { gpu::reduce(commands, op, from, axes, output.dtype(), to); });
}

}  // namespace

void Reduce::eval_gpu(const std::vector<array>& inputs, array& output) {
  run(kernel_op(type_), inputs[0], axes_, output);
}

void ArgReduce::eval_gpu(const std::vector<array>& inputs, array& output) {
  run(type_ == ArgMin ? gpu::ReduceOp::argmin : gpu::ReduceOp::argmax, inputs[0], {&axis_, 1},
      output);
}

}  // namespace mlx::core
