#include "primitives/join.h"

#include <limits>
#include <numeric>

#include "mlx/ops.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

int checked_product(const char* op, int size, int times) {
  int64_t product = int64_t(size) * times;
  if (times < 0)
    throw std::invalid_argument(
        concat_text("[", op, "] Expected a number of at least 0 but received ", times, "."));
  if (product > std::numeric_limits<int>::max())
    throw ShapeError(concat_text("[", op, "] ", times, " times an axis of size ", size,
                                 " is more than an axis can have."));
  return int(product);
}

/// The last `shift` elements first, counted round the axis.
array roll_axis(const array& a, int64_t shift, int axis, StreamOrDevice s) {
  // Where the parts meet depends on the size.
  detail::note_sizes_seen(a);
  int n = a.shape(axis);
  if (n == 0) return a;
  int moved = int(((shift % n) + n) % n);
  if (moved == 0) return a;
  auto parts = split(a, Shape{n - moved}, axis, s);
  return concatenate({parts[1], parts[0]}, axis, s);
}

int64_t total(const Shape& shift) {
  return std::accumulate(shift.begin(), shift.end(), int64_t(0));
}

array roll_flat(const array& a, int64_t shift, StreamOrDevice s) {
  return reshape(roll_axis(flatten(a, s), shift, 0, s), a.shape(), s);
}

}  // namespace

array concatenate(std::vector<array> arrays, int axis, StreamOrDevice s) {
  if (arrays.empty()) throw std::invalid_argument("[concatenate] Expected at least one array.");
  Shape shape = arrays[0].shape();
  axis = normalize_axis_index(axis, int(shape.size()), "[concatenate] ");
  int64_t size = 0;
  for (auto& a : arrays) {
    bool fits = a.ndim() == shape.size();
    for (int i = 0; fits && i < int(shape.size()); ++i)
      fits = i == axis || a.shape(i) == shape[size_t(i)];
    if (!fits)
      throw ShapeError(concat_text("[concatenate] Shapes ", shape, " and ", a.shape(),
                                   " differ in more than axis ", axis, "."));
    size += a.shape(axis);
  }
  if (size > std::numeric_limits<int>::max())
    throw ShapeError(
        concat_text("[concatenate] ", size, " elements are more than an axis can have."));
  if (arrays.size() == 1) return arrays[0];
  Stream stream = to_stream(s);
  Dtype dtype = result_type(arrays);
  for (auto& a : arrays) a = astype(a, dtype, stream);
  shape[size_t(axis)] = int(size);
  return array(std::move(shape), dtype, std::make_shared<Concatenate>(stream, axis),
               std::move(arrays));
}
array concatenate(std::vector<array> arrays, StreamOrDevice s) {
  return concatenate(std::move(arrays), 0, s);
}

array stack(const std::vector<array>& arrays, int axis, StreamOrDevice s) {
  if (arrays.empty()) throw std::invalid_argument("[stack] Expected at least one array.");
  if (!is_same_shape(arrays)) throw ShapeError("[stack] Expected arrays of one shape.");
  axis = normalize_axis_index(axis, int(arrays[0].ndim()) + 1, "[stack] ");
  std::vector<array> rows;
  rows.reserve(arrays.size());
  for (auto& a : arrays) rows.push_back(expand_dims(a, axis, s));
  return concatenate(std::move(rows), axis, s);
}
array stack(const std::vector<array>& arrays, StreamOrDevice s) { return stack(arrays, 0, s); }

array repeat(const array& arr, int repeats, int axis, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(arr.ndim()), "[repeat] ");
  checked_product("repeat", arr.shape(axis), repeats);
  if (repeats == 1) return arr;
  array column = expand_dims(arr, axis + 1, s);
  Shape shape = column.shape();
  shape[size_t(axis) + 1] = repeats;
  return flatten(broadcast_to(column, shape, s), axis, axis + 1, s);
}
array repeat(const array& arr, int repeats, StreamOrDevice s) {
  return repeat(flatten(arr, s), repeats, 0, s);
}

array tile(const array& arr, std::vector<int> reps, StreamOrDevice s) {
  size_t ndim = std::max(arr.ndim(), reps.size());
  Shape shape(ndim - arr.ndim(), 1);
  shape.insert(shape.end(), arr.shape().begin(), arr.shape().end());
  reps.insert(reps.begin(), ndim - reps.size(), 1);
  // Each axis gets one before it to be repeated along.
  Shape apart, repeated, result;
  for (size_t i = 0; i < ndim; ++i) {
    result.push_back(checked_product("tile", shape[i], reps[i]));
    if (reps[i] != 1) {
      apart.push_back(1);
      repeated.push_back(reps[i]);
    }
    apart.push_back(shape[i]);
    repeated.push_back(shape[i]);
  }
  return reshape(broadcast_to(reshape(arr, apart, s), repeated, s), result, s);
}

array roll(const array& a, int shift, StreamOrDevice s) { return roll_flat(a, shift, s); }
array roll(const array& a, const Shape& shift, StreamOrDevice s) {
  return roll_flat(a, total(shift), s);
}
array roll(const array& a, int shift, int axis, StreamOrDevice s) {
  return roll_axis(a, shift, normalize_axis_index(axis, int(a.ndim()), "[roll] "), s);
}
array roll(const array& a, int shift, const std::vector<int>& axes, StreamOrDevice s) {
  return roll(a, Shape(axes.size(), shift), axes, s);
}
array roll(const array& a, const Shape& shift, int axis, StreamOrDevice s) {
  return roll_axis(a, total(shift), normalize_axis_index(axis, int(a.ndim()), "[roll] "), s);
}
array roll(const array& a, const Shape& shift, const std::vector<int>& axes, StreamOrDevice s) {
  if (shift.size() != axes.size())
    throw std::invalid_argument(
        concat_text("[roll] Received ", shift.size(), " shifts for ", axes.size(), " axes."));
  array result = a;
  for (size_t i = 0; i < axes.size(); ++i)
    result =
        roll_axis(result, shift[i], normalize_axis_index(axes[i], int(a.ndim()), "[roll] "), s);
  return result;
}

}  // namespace mlx::core
