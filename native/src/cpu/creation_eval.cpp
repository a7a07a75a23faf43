#include "array/dtype_dispatch.h"
#include "cpu/copy/fill.h"
#include "cpu/elementwise/scalar_ops.h"
#include "primitives/creation.h"

namespace mlx::core {

void Arange::eval_cpu(const std::vector<array>&, array& output) {
  output.set_data(allocator::malloc(output.nbytes()));
  cpu::arange(output.dtype(), start_, step_, output.size(), output.data<void>());
}

void Eye::eval_cpu(const std::vector<array>&, array& output) {
  output.set_data(allocator::malloc(output.nbytes()));
  cpu::eye(output.dtype(), rows_, columns_, diagonal_, output.data<void>());
}

void NumberOfElements::eval_cpu(const std::vector<array>& inputs, array& output) {
  double count = 1;
  for (int axis : axes_) count *= inputs[0].shape(axis);
  double value = inverted_ ? 1 / count : count;
  output.set_data(allocator::malloc(output.nbytes()));
  dispatch_dtype(output.dtype(), [&](auto tag) {
    using T = typename decltype(tag)::type;
    *output.data<T>() = cpu::scalar::convert<T>(value);
  });
}

}  // namespace mlx::core
