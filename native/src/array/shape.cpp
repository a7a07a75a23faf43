#include <algorithm>
#include <limits>
#include <stdexcept>

#include "array/axes.h"
#include "mlx/utils.h"

namespace mlx::core {

Dtype result_type(const std::vector<array>& arrays) {
  Dtype result = bool_;
  for (auto& a : arrays) result = promote_types(result, a.dtype());
  return result;
}

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape result = longer;
  size_t lead = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    auto x = longer[lead + i], y = shorter[i];
    if (x == y || y == 1) continue;
    if (x != 1)
      throw ShapeError(
          concat_text("[broadcast_shapes] Shapes ", a, " and ", b, " cannot be broadcast."));
    result[lead + i] = y;
  }
  return result;
}

bool is_same_shape(const std::vector<array>& arrays) {
  return std::all_of(arrays.begin(), arrays.end(),
                     [&](const array& a) { return a.shape() == arrays[0].shape(); });
}

namespace {

template <typename Error>
int normalized(int axis, int ndim, const std::string& message_prefix) {
  if (axis < -ndim || axis >= ndim)
    throw Error(concat_text(message_prefix, "Axis ", axis, " is out of bounds for array with ",
                            ndim, " dimensions."));
  return axis < 0 ? axis + ndim : axis;
}

template <typename Error>
std::vector<int> sorted_and_distinct(const std::vector<int>& axes, int ndim,
                                     const std::string& message_prefix) {
  std::vector<int> result;
  result.reserve(axes.size());
  for (int axis : axes) result.push_back(normalized<Error>(axis, ndim, message_prefix));
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end())
    throw std::invalid_argument(concat_text(message_prefix, "Received duplicate axes ", axes, "."));
  return result;
}

}  // namespace

int normalize_axis_index(int axis, int ndim, const std::string& message_prefix) {
  return normalized<IndexError>(axis, ndim, message_prefix);
}
int axis_in_range(int axis, int ndim, const std::string& message_prefix) {
  return normalized<std::out_of_range>(axis, ndim, message_prefix);
}

std::vector<int> normalize_axes(const std::vector<int>& axes, int ndim,
                                const std::string& message_prefix) {
  return sorted_and_distinct<IndexError>(axes, ndim, message_prefix);
}
std::vector<int> axes_in_range(const std::vector<int>& axes, int ndim,
                               const std::string& message_prefix) {
  return sorted_and_distinct<std::out_of_range>(axes, ndim, message_prefix);
}

ShapeElem checked_dimension(int64_t size, std::string_view op) {
  if (size < 0 || size > std::numeric_limits<ShapeElem>::max())
    throw std::overflow_error(concat_text("[", op.empty() ? "shape" : op, "] A dimension of ", size,
                                          " does not fit into 32 bits."));
  return ShapeElem(size);
}

Strides row_contiguous_strides(const Shape& shape) {
  Strides strides(shape.size());
  // Beside a size of 0 the others may have any product, and no stride is used.
  uint64_t step = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = int64_t(step);
    step *= uint64_t(shape[i]);
  }
  return strides;
}

}  // namespace mlx::core
