#include "gpu/arrays.h"
#include "gpu/normalization.h"
#include "primitives/normalization.h"

namespace mlx::core {
namespace {

gpu::NormalizationArgs arguments(gpu::Encoder& encoder, NormalizationKind kind, float eps,
                                 const array& x, const array& weight) {
  const int64_t columns = x.shape(-1);
  return {x.dtype(),
          kind,
          eps,
          columns == 0 ? 0 : int64_t(x.size()) / columns,
          columns,
          encoder.read(x),
          encoder.read(weight)};
}

}  // namespace

void Normalization::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  array x = gpu::row_contiguous(inputs[0]), weight = gpu::row_contiguous(inputs[1]);
  array bias = kind_ == NormalizationKind::layer ? gpu::row_contiguous(inputs[2]) : weight;
  gpu::Encoder encoder;
  auto args = arguments(encoder, kind_, eps_, x, weight);
  auto shift = encoder.read(bias), to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) { gpu::normalize(commands, args, shift, to); });
}

void NormalizationGradient::eval_gpu(const std::vector<array>& inputs,
                                     std::vector<array>& outputs) {
  for (auto& output : outputs) gpu::allocate(output);
  if (inputs[1].size() == 0) return;
  array x = gpu::row_contiguous(inputs[0]), weight = gpu::row_contiguous(inputs[1]);
  array dy = gpu::row_contiguous(inputs[2]);
  gpu::Encoder encoder;
  auto args = arguments(encoder, kind_, eps_, x, weight);
  auto slopes = encoder.read(dy);
  std::vector<gpu::Place> places;
  for (auto& output : outputs) places.push_back(encoder.write(output));
  encoder.encode([&](gpu::Commands& commands) {
    gpu::normalize_gradient(commands, args, slopes, places[0], places[1], places.back());
  });
}

}  // namespace mlx::core
