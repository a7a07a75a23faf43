#include "evaluation/executor.h"

#include "evaluation/debug_view.h"

namespace mlx::core {

std::vector<bool> execute(const FusedProgram& program, const Device& device, const Shape& shape,
                          std::span<const FusedInput> inputs,
                          std::span<const FusedOutput> outputs) {
  DebugTimer timer;
  auto donated = place_outputs(shape, inputs, outputs);
  cpu::run_fused(program, shape, inputs, outputs);
  if (timer.is_on()) timer.report(program, device, inputs, outputs);
  return donated;
}

void execute(Primitive& primitive, const std::vector<array>& inputs, std::vector<array>& outputs) {
  DebugTimer timer;
  primitive.eval_cpu(inputs, outputs);
  if (timer.is_on()) timer.report(primitive, inputs, outputs);
}

}  // namespace mlx::core
