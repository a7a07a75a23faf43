#include "primitives/mapped_indices.h"

#include <algorithm>

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"

namespace mlx::core {

bool any_mapped(const std::vector<int>& axes) {
  return std::any_of(axes.begin(), axes.end(), [](int axis) { return axis >= 0; });
}

std::vector<array> mapped_indices(const std::vector<array>& indices, const std::vector<int>& axes,
                                  int size, const Stream& stream) {
  std::vector<array> result;
  for (size_t i = 0; i < indices.size(); ++i)
    result.push_back(with_mapped_axis_first(indices[i], axes[i], size, stream));
  return result;
}

array slice_numbers(int size, size_t ndim, const Stream& stream) {
  Shape shape(ndim, 1);
  shape[0] = size;
  return reshape(arange(size, stream), shape, stream);
}

}  // namespace mlx::core
