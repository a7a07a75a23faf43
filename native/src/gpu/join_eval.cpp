#include "array/view.h"
#include "gpu/arrays.h"
#include "gpu/copy.h"
#include "primitives/join.h"

namespace mlx::core {

void Concatenate::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto to = encoder.write(output);
  std::vector<gpu::StridedPlace> sources;
  for (auto& in : inputs)
    if (in.size() > 0) sources.push_back(encoder.strided(in));
  encoder.encode([&](gpu::Commands& commands) {
    for (auto& source : sources) {
      gpu::copy(commands, source, output.dtype(), to, gpu::strides_of(output));
      to = to.moved(source.shape[size_t(axis_)] * output.strides(axis_) *
                    int64_t(output.itemsize()));
    }
  });
}

void Pad::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  gpu::fill_with(inputs[1], output);
  const array& in = inputs[0];
  if (in.size() == 0) return;
  int64_t offset = offset_of(start(output.ndim()), output.strides());
  gpu::Encoder encoder;
  auto from = encoder.strided(in);
  auto to = encoder.write(output).moved(offset * int64_t(output.itemsize()));
  encoder.encode([&](gpu::Commands& commands) {
    gpu::copy(commands, from, output.dtype(), to, gpu::strides_of(output));
  });
}

}  // namespace mlx::core
