#include "gpu/arrays.h"
#include "gpu/scan.h"
#include "primitives/linear_recurrence.h"
#include "primitives/scan.h"

namespace mlx::core {
namespace {

gpu::ScanOp kernel_op(Scan::ReduceType type) {
  switch (type) {
    case Scan::Max:
      return gpu::ScanOp::max;
    case Scan::Min:
      return gpu::ScanOp::min;
    case Scan::Sum:
      return gpu::ScanOp::sum;
    case Scan::Prod:
      return gpu::ScanOp::prod;
    case Scan::LogAddExp:
      break;
  }
  return gpu::ScanOp::log_add_exp;
}

gpu::ScanShape shape_along(int axis, const array& a, bool reverse, bool inclusive) {
  gpu::ScanShape shape{1, a.shape(axis), 1, reverse, inclusive};
  for (int i = 0; i < axis; ++i) shape.outer *= a.shape(i);
  for (int i = axis + 1; i < int(a.ndim()); ++i) shape.inner *= a.shape(i);
  return shape;
}

}  // namespace

void Scan::eval_gpu(const std::vector<array>& inputs, array& output) {
  // The kernel may write where it reads.
  gpu::copy_or_donate(inputs[0], output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto from = encoder.read(output), to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::scan(commands, kernel_op(reduce_type_), output.dtype(),
              shape_along(axis_, output, reverse_, inclusive_), from, to);
  });
}

void LinearRecurrence::eval_gpu(const std::vector<array>& inputs, array& output) {
  array factors = gpu::row_contiguous(inputs[0]);
  // The kernel may write where it reads its terms.
  gpu::copy_or_donate(inputs[1], output);
  if (output.size() == 0) return;
  gpu::Encoder encoder;
  auto scales = encoder.read(factors), terms = encoder.read(output), to = encoder.write(output);
  encoder.encode([&](gpu::Commands& commands) {
    gpu::linear_recurrence(commands, output.dtype(), shape_along(axis_, output, reverse_, true),
                           scales, terms, to);
  });
}

}  // namespace mlx::core
