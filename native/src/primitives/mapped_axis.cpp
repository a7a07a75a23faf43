#include "primitives/mapped_axis.h"

#include "mlx/ops.h"

namespace mlx::core {

int mapped_axis_size(const std::vector<array>& inputs, const std::vector<int>& axes) {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (axes[i] >= 0) return inputs[i].shape(axes[i]);
  return 1;
}

array mapped_axis_first(const array& a, int axis, const Stream& stream) {
  return axis > 0 ? moveaxis(a, axis, 0, stream) : a;
}

array with_mapped_axis_first(const array& a, int axis, int size, const Stream& stream) {
  if (axis >= 0) return mapped_axis_first(a, axis, stream);
  Shape shape = a.shape();
  shape.insert(shape.begin(), size);
  return broadcast_to(a, shape, stream);
}

}  // namespace mlx::core
