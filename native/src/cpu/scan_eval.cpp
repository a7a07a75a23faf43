#include "cpu/array_view.h"
#include "cpu/scan/scan.h"
#include "primitives/scan.h"

namespace mlx::core {
namespace {

cpu::ScanOperation operation_of(Scan::ReduceType type) {
  switch (type) {
    case Scan::Max:
      return cpu::ScanOperation::Max;
    case Scan::Min:
      return cpu::ScanOperation::Min;
    case Scan::Sum:
      return cpu::ScanOperation::Sum;
    case Scan::Prod:
      return cpu::ScanOperation::Prod;
    default:
      return cpu::ScanOperation::LogAddExp;
  }
}

}  // namespace

void Scan::eval_cpu(const std::vector<array>& inputs, array& output) {
  // The kernel may write where it reads.
  cpu::copy_or_donate(inputs[0], output);
  cpu::ScanShape shape{1, output.shape(axis_), 1, reverse_, inclusive_};
  for (int i = 0; i < axis_; ++i) shape.outer *= output.shape(i);
  for (int i = axis_ + 1; i < int(output.ndim()); ++i) shape.inner *= output.shape(i);
  cpu::scan(operation_of(reduce_type_), output.dtype(), shape, output.data<void>(),
            output.data<void>());
}

}  // namespace mlx::core
