#include <algorithm>
#include <numeric>

#include "array/axes.h"
#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/shape.h"

namespace mlx::core {

array transpose(const array& a, std::vector<int> axes, StreamOrDevice s) {
  if (axes.size() != a.ndim())
    throw std::invalid_argument(concat_text("[transpose] Received ", axes.size(),
                                            " axes for an array with ", a.ndim(), " dimensions."));
  normalize_axes(axes, int(a.ndim()), "[transpose] ");
  Shape shape;
  for (int& axis : axes) {
    axis = axis < 0 ? axis + int(a.ndim()) : axis;
    shape.push_back(a.shape(axis));
  }
  if (std::is_sorted(axes.begin(), axes.end())) return a;
  return array(std::move(shape), a.dtype(),
               std::make_shared<Transpose>(to_stream(s), std::move(axes)), {a});
}

array transpose(const array& a, StreamOrDevice s) {
  std::vector<int> axes(a.ndim());
  std::iota(axes.rbegin(), axes.rend(), 0);
  return transpose(a, std::move(axes), s);
}

array swapaxes(const array& a, int axis1, int axis2, StreamOrDevice s) {
  int first = axis_in_range(axis1, int(a.ndim()), "[swapaxes] ");
  int second = axis_in_range(axis2, int(a.ndim()), "[swapaxes] ");
  std::vector<int> axes(a.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[size_t(first)], axes[size_t(second)]);
  return transpose(a, std::move(axes), s);
}

array moveaxis(const array& a, int source, int destination, StreamOrDevice s) {
  int from = axis_in_range(source, int(a.ndim()), "[moveaxis] ");
  int to = axis_in_range(destination, int(a.ndim()), "[moveaxis] ");
  std::vector<int> axes(a.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  axes.erase(axes.begin() + from);
  axes.insert(axes.begin() + to, from);
  return transpose(a, std::move(axes), s);
}

array flip(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  auto flipped = normalize_axes(axes, int(a.ndim()), "[flip] ");
  Shape start(a.ndim(), 0), stop = a.shape(), strides(a.ndim(), 1);
  for (int axis : flipped) {
    start[size_t(axis)] = -1;
    stop[size_t(axis)] = -a.shape(axis) - 1;
    strides[size_t(axis)] = -1;
  }
  return slice(a, start, stop, strides, s);
}
array flip(const array& a, int axis, StreamOrDevice s) {
  return flip(a, std::vector<int>{axis}, s);
}
array flip(const array& a, StreamOrDevice s) {
  std::vector<int> axes(a.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  return flip(a, axes, s);
}

}  // namespace mlx::core
