#include "cpu/array_view.h"
#include "cpu/scan/linear_recurrence.h"
#include "cpu/scan/scan.h"
#include "primitives/linear_recurrence.h"
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

cpu::ScanShape shape_along(int axis, const array& a, bool reverse, bool inclusive) {
  cpu::ScanShape shape{1, a.shape(axis), 1, reverse, inclusive};
  for (int i = 0; i < axis; ++i) shape.outer *= a.shape(i);
  for (int i = axis + 1; i < int(a.ndim()); ++i) shape.inner *= a.shape(i);
  return shape;
}

}  // namespace

void Scan::eval_cpu(const std::vector<array>& inputs, array& output) {
  // The kernel may write where it reads.
  cpu::copy_or_donate(inputs[0], output);
  cpu::scan(operation_of(reduce_type_), output.dtype(),
            shape_along(axis_, output, reverse_, inclusive_), output.data<void>(),
            output.data<void>());
}

void LinearRecurrence::eval_cpu(const std::vector<array>& inputs, array& output) {
  array factors = cpu::row_contiguous(inputs[0]);
  // The kernel may write where it reads its terms.
  cpu::copy_or_donate(inputs[1], output);
  cpu::linear_recurrence(output.dtype(), shape_along(axis_, output, reverse_, true),
                         factors.data<void>(), output.data<void>(), output.data<void>());
}

}  // namespace mlx::core
