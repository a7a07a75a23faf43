#include "gpu/arrays.h"
#include "gpu/hadamard.h"
#include "primitives/hadamard.h"

namespace mlx::core {

void Hadamard::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::copy_or_donate(inputs[0], output);
  if (output.size() == 0) return;
  const int64_t size = output.shape(-1);
  gpu::Encoder encoder;
  auto from = encoder.read(output), to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::hadamard(commands, output.dtype(), from, int64_t(output.size()) / size, size, scale_,
                  transpose_, to);
  });
}

}  // namespace mlx::core
