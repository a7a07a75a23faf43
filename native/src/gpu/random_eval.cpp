#include "gpu/arrays.h"
#include "gpu/random.h"
#include "primitives/random.h"

namespace mlx::core {

void RandomBits::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  const array keys = gpu::row_contiguous(inputs[0]);
  gpu::RandomKeys source{{}, int64_t(keys.size() / 2)};
  gpu::Encoder encoder;
  if (source.count == 1 && keys.is_on_host())
    source.value = keys.data<void>();
  else
    source.place = encoder.read(keys);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::random_bits(commands, source, int64_t(output.nbytes()) / source.count, to);
  });
}

void CategoricalSearch::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  array weights = gpu::row_contiguous(inputs[0]), draws = gpu::row_contiguous(inputs[1]);
  gpu::Encoder encoder;
  gpu::Categories categories{encoder.read(weights), int64_t(weights.size()) / weights.shape(-1),
                             weights.shape(-1)};
  auto from = encoder.read(draws), to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::categorical_search(commands, categories, from, draws.shape(-1), to);
  });
}

}  // namespace mlx::core
