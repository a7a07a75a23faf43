#include "gpu/arrays.h"
#include "gpu/indexing.h"
#include "primitives/gather.h"
#include "primitives/scatter.h"

namespace mlx::core {
namespace {

gpu::ScatterMode kernel_mode(ScatterReduction reduction) {
  switch (reduction) {
    case ScatterReduction::None:
      return gpu::ScatterMode::none;
    case ScatterReduction::Sum:
      return gpu::ScatterMode::sum;
    case ScatterReduction::Prod:
      return gpu::ScatterMode::prod;
    case ScatterReduction::Max:
      return gpu::ScatterMode::max;
    case ScatterReduction::Min:
      break;
  }
  return gpu::ScatterMode::min;
}

std::vector<gpu::StridedPlace> places(gpu::Encoder& encoder, std::span<const array> arrays) {
  std::vector<gpu::StridedPlace> result;
  for (auto& a : arrays) result.push_back(encoder.strided(a));
  return result;
}

/// The output, which holds what updates meet.
gpu::StridedPlace target(gpu::Encoder& encoder, array& output) {
  return {gpu::update(encoder, output), output.dtype(), gpu::shape_of(output),
          gpu::strides_of(output)};
}

}  // namespace

void Gather::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.strided(inputs[0]);
  auto indices = places(encoder, {inputs.begin() + 1, inputs.end()});
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::gather(commands, from, indices, axes_, {slice_sizes_.data(), slice_sizes_.size()}, to);
  });
}

void GatherAxis::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.strided(inputs[0]), indices = encoder.strided(inputs[1]);
  auto to = encoder.write(output);
  encoder.encode(
      [&](gpu::Commands& commands) { gpu::gather_axis(commands, from, indices, axis_, to); });
}

void Scatter::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::copy_or_donate(inputs.front(), output);
  if (inputs.back().size() == 0 || output.size() == 0) return;
  gpu::Encoder encoder;
  auto indices = places(encoder, {inputs.begin() + 1, inputs.end() - 1});
  auto updates = encoder.strided(inputs.back());
  auto to = target(encoder, output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::scatter(commands, kernel_mode(reduction_), to, indices, axes_, updates,
                 gpu::OutOfRange::dropped);
  });
}

void ScatterAxis::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::copy_or_donate(inputs[0], output);
  if (inputs[2].size() == 0) return;
  gpu::Encoder encoder;
  auto indices = encoder.strided(inputs[1]), updates = encoder.strided(inputs[2]);
  auto to = target(encoder, output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::scatter_axis(commands, kernel_mode(reduction_), to, indices, axis_, updates);
  });
}

}  // namespace mlx::core
