#include "evaluation/executor.h"

#include <algorithm>

#include "array/raw_booleans.h"
#include "evaluation/debug_view.h"
#include "primitives/moves_elements.h"

namespace mlx::core {

namespace {

void run(Primitive& primitive, const std::vector<array>& inputs, std::vector<array>& outputs) {
  if (primitive.device() == Device::cpu)
    primitive.eval_cpu(inputs, outputs);
  else
    primitive.eval_gpu(inputs, outputs);
}

/// Kernels see booleans of 0 and 1 alone; kinds that only move elements hand on any bytes.
void evaluate(Primitive& primitive, const std::vector<array>& inputs, std::vector<array>& outputs) {
  if (std::none_of(inputs.begin(), inputs.end(), has_raw_booleans))
    return run(primitive, inputs, outputs);
  if (dynamic_cast<const MovesElements*>(&primitive)) {
    run(primitive, inputs, outputs);
    // A buffer that nobody shares is a copy.
    for (auto& output : outputs)
      if (output.dtype() == bool_ && output.data_shared_ptr().use_count() == 1)
        mark_copy_of_raw_booleans(output);
    return;
  }
  std::vector<array> plain;
  std::transform(inputs.begin(), inputs.end(), std::back_inserter(plain), plain_booleans);
  run(primitive, plain, outputs);
}

bool is_raw(const FusedInput& input) { return has_raw_booleans(*input.source); }

}  // namespace

std::vector<bool> execute(const FusedProgram& program, const Device& device, const Shape& shape,
                          std::span<const FusedInput> inputs,
                          std::span<const FusedOutput> outputs) {
  if (std::any_of(inputs.begin(), inputs.end(), is_raw)) {
    std::vector<array> plain;
    for (auto& input : inputs) plain.push_back(plain_booleans(*input.source));
    std::vector<FusedInput> sources;
    for (auto& source : plain) sources.push_back({&source, 0, 0});
    return execute(program, device, shape, sources, outputs);
  }
  DebugTimer timer;
  auto donated = place_outputs(shape, inputs, outputs);
  auto run_fused = device == Device::cpu ? cpu::run_fused : gpu::run_fused;
  run_fused(program, shape, inputs, outputs);
  if (timer.is_on()) timer.report(program, device, inputs, outputs);
  return donated;
}

void execute(Primitive& primitive, const std::vector<array>& inputs, std::vector<array>& outputs) {
  DebugTimer timer;
  evaluate(primitive, inputs, outputs);
  if (timer.is_on()) timer.report(primitive, inputs, outputs);
}

}  // namespace mlx::core
