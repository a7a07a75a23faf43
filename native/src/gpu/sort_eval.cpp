#include "gpu/arrays.h"
#include "gpu/sort.h"
#include "primitives/partition.h"
#include "primitives/search_sorted.h"
#include "primitives/sort.h"

namespace mlx::core {
namespace {

/// Gives the output its buffer, and encodes `work` of the input's place and the output's.
template <typename Work>
void run(const array& in, array& output, Work&& work) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.strided(in);
  auto to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) { work(commands, from, to); });
}

}  // namespace

void Sort::eval_gpu(const std::vector<array>& inputs, array& output) {
  run(inputs[0], output,
      [&](gpu::Commands& commands, auto& from, auto to) { gpu::sort(commands, from, axis_, to); });
}

void ArgSort::eval_gpu(const std::vector<array>& inputs, array& output) {
  run(inputs[0], output, [&](gpu::Commands& commands, auto& from, auto to) {
    gpu::argsort(commands, from, axis_, to);
  });
}

void Partition::eval_gpu(const std::vector<array>& inputs, array& output) {
  run(inputs[0], output, [&](gpu::Commands& commands, auto& from, auto to) {
    gpu::partition(commands, from, axis_, kth_, to);
  });
}

void ArgPartition::eval_gpu(const std::vector<array>& inputs, array& output) {
  run(inputs[0], output, [&](gpu::Commands& commands, auto& from, auto to) {
    gpu::argpartition(commands, from, axis_, kth_, to);
  });
}

void SearchSorted::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  array values = gpu::row_contiguous(inputs[1]);
  gpu::Encoder encoder;
  auto sequences = encoder.strided(inputs[0]);
  auto searched = encoder.read(values), to = encoder.write(output);
  int64_t batches = 1;
  for (int n : sequences.shape.first(sequences.shape.size() - 1)) batches *= n;
  encoder.encode([&](gpu::Commands& commands) {
    gpu::search_sorted(commands, sequences, searched, int64_t(values.size()) / batches, right_, to);
  });
}

}  // namespace mlx::core
