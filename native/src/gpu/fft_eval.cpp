#include "gpu/arrays.h"
#include "gpu/fft.h"
#include "primitives/fft.h"

namespace mlx::core {

void FFT::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.strided(inputs[0]);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::fftn(commands, from,
              {.axes = axes_,
               .from_real = kind_ == Kind::real,
               .to_real = kind_ == Kind::inverse_real,
               .length = length_,
               .inverse = inverse_,
               .scale = scale_},
              to);
  });
}

}  // namespace mlx::core
