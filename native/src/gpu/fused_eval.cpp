#include "evaluation/executor.h"
#include "gpu/chain.h"
#include "gpu/encoder.h"
#include "primitives/elementwise.h"

namespace mlx::core {
namespace {

void run(const ElementwiseProgram& program, const Shape& shape, std::span<const FusedInput> inputs,
         std::span<const FusedOutput> outputs) {
  gpu::Encoder encoder;
  SmallVector<gpu::ElementwiseOperand, 4> sources, targets;
  for (auto& [source, holders, last_read] : inputs) {
    const void* value = gpu::host_scalar(*source);
    sources.push_back({value ? gpu::Place{} : encoder.read(*source),
                       {source->strides().data(), source->ndim()},
                       value});
  }
  for (auto& [target, position] : outputs)
    targets.push_back(
        {encoder.write(*target), {target->strides().data(), target->ndim()}, nullptr});
  encoder.encode([&](gpu::Commands& commands) {
    gpu::run_chain(commands, program, {shape.data(), shape.size()},
                   {sources.data(), sources.size()}, {targets.data(), targets.size()});
  });
}

}  // namespace

void gpu::run_fused(const FusedProgram& program, const Shape& shape,
                    std::span<const FusedInput> inputs, std::span<const FusedOutput> outputs) {
  run(program.source, shape, inputs, outputs);
}

void Elementwise::eval_gpu(const std::vector<array>& inputs, array& output) {
  SinglePass pass(op_, inputs, output);
  run(pass.program, output.shape(), pass.inputs, {&pass.output, 1});
}

}  // namespace mlx::core
