#include "gpu/arrays.h"
#include "gpu/rope.h"
#include "primitives/rope.h"

namespace mlx::core {

void RoPE::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  const array& offset = inputs[1];
  gpu::Encoder encoder;
  gpu::RopeArgs args{.x = encoder.strided(inputs[0]),
                     .offset = {},
                     .offset_value = gpu::host_scalar(offset),
                     .dims = settings_.dims,
                     .traditional = settings_.traditional,
                     .base = settings_.base,
                     .frequencies = {},
                     .scale = settings_.scale,
                     .inverse = inverse_};
  if (!args.offset_value) args.offset = encoder.strided(offset);
  array frequencies = settings_.has_frequencies ? gpu::row_contiguous(inputs[2]) : array(0.0f);
  if (settings_.has_frequencies) args.frequencies = encoder.read(frequencies);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) { gpu::rope(commands, args, to); });
}

}  // namespace mlx::core
