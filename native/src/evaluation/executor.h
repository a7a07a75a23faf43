#pragma once

#include <span>
#include <vector>

#include "evaluation/fused_buffers.h"
#include "evaluation/step.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// Runs a program over a shape in one pass, overwriting inputs that nobody else can see. Tells
/// which inputs' buffers went to outputs.
std::vector<bool> execute(const FusedProgram& program, const Device& device, const Shape& shape,
                          std::span<const FusedInput> inputs, std::span<const FusedOutput> outputs);

/// Runs a fused step. The run's array for an input is `source(array)`, that for a member which is
/// stored `target(position)`.
template <typename Source, typename Target>
std::vector<bool> execute_fused(const Step& step, Source source, Target target) {
  std::vector<FusedInput> inputs;
  inputs.reserve(step.inputs.size());
  for (auto& input : step.inputs)
    inputs.push_back({&source(*input.source), step.keep_graph ? 0 : input.edges, input.last_read});
  std::vector<FusedOutput> outputs;
  outputs.reserve(step.stored.size());
  for (uint16_t position : step.stored) outputs.push_back({&target(position), position});
  const array& last = step.members.back();
  return execute(*step.program, last.primitive().device(), last.shape(), inputs, outputs);
}

/// Runs a node's primitive on its device.
void execute(Primitive& primitive, const std::vector<array>& inputs, std::vector<array>& outputs);

// What a backend defines, beside the kinds' eval_cpu and eval_gpu.
namespace cpu {
/// Every output has its buffer.
void run_fused(const FusedProgram& program, const Shape& shape, std::span<const FusedInput> inputs,
               std::span<const FusedOutput> outputs);
}  // namespace cpu
namespace gpu {
void run_fused(const FusedProgram& program, const Shape& shape, std::span<const FusedInput> inputs,
               std::span<const FusedOutput> outputs);
}  // namespace gpu

}  // namespace mlx::core
