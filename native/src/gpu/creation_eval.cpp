#include "gpu/arrays.h"
#include "gpu/copy.h"
#include "primitives/creation.h"

namespace mlx::core {

void Arange::eval_gpu(const std::vector<array>&, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::arange(commands, output.dtype(), start_, step_, int64_t(output.size()), to);
  });
}

void Eye::eval_gpu(const std::vector<array>&, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::eye(commands, output.dtype(), rows_, columns_, diagonal_, to);
  });
}

}  // namespace mlx::core
