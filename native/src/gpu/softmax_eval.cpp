#include "gpu/arrays.h"
#include "gpu/softmax.h"
#include "primitives/softmax.h"

namespace mlx::core {

void Softmax::eval_gpu(const std::vector<array>& inputs, array& output) {
  const array& x = inputs[0];
  bool in_place = !x.flags().row_contiguous || x.is_donatable();
  if (in_place)
    gpu::copy_or_donate(x, output);
  else
    gpu::allocate(output);
  if (output.size() == 0) return;
  int64_t columns = x.shape(-1), rows = int64_t(x.size()) / columns;
  gpu::Encoder encoder;
  auto from = encoder.read(in_place ? output : x), to = encoder.write(output);
  encoder.encode(
      [&](gpu::Commands& commands) { gpu::softmax(commands, x.dtype(), from, rows, columns, to); });
}

void LogSumExp::eval_gpu(const std::vector<array>& inputs, array& output) {
  gpu::allocate(output);
  if (output.size() == 0) return;
  array x = gpu::row_contiguous(inputs[0]);
  gpu::Encoder encoder;
  auto from = encoder.read(x), to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::logsumexp(commands, x.dtype(), from, int64_t(output.size()), x.shape(-1), to);
  });
}

void LogSumExpParts::eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) {
  for (auto& output : outputs) gpu::allocate(output);
  if (outputs[0].size() == 0) return;
  array x = gpu::row_contiguous(inputs[0]);
  gpu::Encoder encoder;
  auto from = encoder.read(x), largest = encoder.write(outputs[0]),
       log_sum = encoder.write(outputs[1]);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::logsumexp_parts(commands, x.dtype(), from, int64_t(outputs[0].size()), x.shape(-1),
                         largest, log_sum);
  });
}

}  // namespace mlx::core
