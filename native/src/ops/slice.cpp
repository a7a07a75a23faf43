#include "primitives/slice.h"

#include <algorithm>
#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/slice_bounds.h"
#include "primitives/join.h"
#include "primitives/shape.h"

namespace mlx::core {
namespace {

/// Outputs of one node are numbered in 16 bits.
constexpr size_t most_parts = std::numeric_limits<uint16_t>::max();

/// Before anything is made for each of them.
void check_parts(const char* op, size_t count) {
  if (count > most_parts)
    throw std::out_of_range(concat_text("[", op, "] ", count, " parts are too many; at most ",
                                        most_parts, " are possible."));
}

bool is_everything(const SliceBounds& bounds, const Shape& shape) {
  return bounds.shape == shape && std::all_of(bounds.strides.begin(), bounds.strides.end(),
                                              [](int stride) { return stride == 1; });
}

/// The begins of a computed slice, one a sliced axis.
array checked_start(const char* op, const array& start, size_t axes, StreamOrDevice s) {
  if (!issubdtype(start.dtype(), integer))
    throw DtypeError(concat_text("[", op, "] Expected begins of an integer dtype but received ",
                                 start.dtype(), "."));
  if (start.ndim() > 1 || start.size() != axes)
    throw ShapeError(concat_text("[", op, "] Expected one begin for each of ", axes,
                                 " axes but received shape ", start.shape(), "."));
  return reshape(start, {int(axes)}, s);
}

std::vector<int> checked_axes(const char* op, std::vector<int> axes, int ndim) {
  std::string prefix = concat_text("[", op, "] ");
  normalize_axes(axes, ndim, prefix);
  for (int& axis : axes) axis = normalize_axis_index(axis, ndim, prefix);
  return axes;
}

void check_fits(const char* op, const Shape& slice, const Shape& shape) {
  bool fits = slice.size() == shape.size();
  for (size_t i = 0; fits && i < slice.size(); ++i) fits = slice[i] >= 0 && slice[i] <= shape[i];
  if (!fits)
    throw ShapeError(concat_text("[", op, "] A slice of shape ", slice,
                                 " does not fit into an array of shape ", shape, "."));
}

array part(const array& a, int begin, int end, int axis, StreamOrDevice s) {
  Shape start(a.ndim(), 0), stop = a.shape();
  start[size_t(axis)] = begin;
  stop[size_t(axis)] = end;
  return slice(a, start, stop, s);
}

}  // namespace

SliceBounds slice_bounds(const char* op, const Shape& shape, const Shape& start, const Shape& stop,
                         const Shape& strides) {
  size_t ndim = shape.size();
  if (start.size() != ndim || stop.size() != ndim || strides.size() != ndim)
    throw std::invalid_argument(concat_text("[", op, "] Received a slice from ", start, " to ",
                                            stop, " with strides ", strides,
                                            " for an array of shape ", shape, "."));
  SliceBounds bounds{Shape(ndim), strides, Shape(ndim)};
  for (size_t i = 0; i < ndim; ++i) {
    int64_t n = shape[i], step = strides[i];
    if (step == 0)
      throw std::invalid_argument(concat_text("[", op, "] A stride is 0 in ", strides, "."));
    // A slice that runs backwards may stop before the first element.
    int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? n : n - 1;
    int64_t from = std::clamp(start[i] < 0 ? start[i] + n : start[i], lowest, highest);
    int64_t to = std::clamp(stop[i] < 0 ? stop[i] + n : stop[i], lowest, highest);
    int64_t length = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
    bounds.start[i] = int(from);
    bounds.shape[i] = int(std::max<int64_t>(length, 0));
  }
  return bounds;
}

// ---- Known bounds

array slice(const array& a, Shape start, Shape stop, Shape strides, StreamOrDevice s) {
  auto bounds = slice_bounds("slice", a.shape(), start, stop, strides);
  if (is_everything(bounds, a.shape())) return a;
  return array(
      std::move(bounds.shape), a.dtype(),
      std::make_shared<Slice>(to_stream(s), std::move(start), std::move(stop), std::move(strides)),
      {a});
}

array slice(const array& a, Shape start, Shape stop, StreamOrDevice s) {
  return slice(a, std::move(start), std::move(stop), Shape(a.ndim(), 1), s);
}

array slice_update(const array& src, const array& update, Shape start, Shape stop, Shape strides,
                   StreamOrDevice s) {
  Stream stream = to_stream(s);
  auto bounds = slice_bounds("slice_update", src.shape(), start, stop, strides);
  array values = broadcast_to(astype(update, src.dtype(), stream), bounds.shape, stream);
  if (is_everything(bounds, src.shape())) return values;
  return array(
      src.shape(), src.dtype(),
      std::make_shared<SliceUpdate>(stream, std::move(start), std::move(stop), std::move(strides)),
      {src, values});
}

array slice_update(const array& src, const array& update, Shape start, Shape stop,
                   StreamOrDevice s) {
  return slice_update(src, update, std::move(start), std::move(stop), Shape(src.ndim(), 1), s);
}

namespace {

/// The slice of src combined with the update, which can't be larger.
template <typename Combine>
array combine_slice(const char* op, const Combine& combine, const array& src, const array& update,
                    const Shape& start, const Shape& stop, const Shape& strides, StreamOrDevice s) {
  Shape shape = slice_bounds(op, src.shape(), start, stop, strides).shape;
  array values = broadcast_to(astype(update, src.dtype(), s), shape, s);
  array combined = combine(slice(src, start, stop, strides, s), values, s);
  return slice_update(src, combined, start, stop, strides, s);
}

}  // namespace

#define MLX_SLICE_UPDATE(name, combine)                                                          \
  array name(const array& src, const array& update, Shape start, Shape stop, Shape strides,      \
             StreamOrDevice s) {                                                                 \
    return combine_slice(#name, combine, src, update, start, stop, strides, s);                  \
  }                                                                                              \
  array name(const array& src, const array& update, Shape start, Shape stop, StreamOrDevice s) { \
    return name(src, update, std::move(start), std::move(stop), Shape(src.ndim(), 1), s);        \
  }
MLX_SLICE_UPDATE(slice_update_add, add)
MLX_SLICE_UPDATE(slice_update_prod, multiply)
MLX_SLICE_UPDATE(slice_update_max, maximum)
MLX_SLICE_UPDATE(slice_update_min, minimum)
#undef MLX_SLICE_UPDATE

// ---- Computed begins

array slice(const array& a, const array& start, std::vector<int> axes, Shape slice_size,
            StreamOrDevice s) {
  Stream stream = to_stream(s);
  axes = checked_axes("slice", std::move(axes), int(a.ndim()));
  array begins = checked_start("slice", start, axes.size(), stream);
  check_fits("slice", slice_size, a.shape());
  Shape shape = slice_size;
  return array(std::move(shape), a.dtype(),
               std::make_shared<DynamicSlice>(stream, std::move(axes), std::move(slice_size)),
               {a, begins});
}

array slice_update(const array& src, const array& update, const array& start, std::vector<int> axes,
                   StreamOrDevice s) {
  Stream stream = to_stream(s);
  axes = checked_axes("slice_update", std::move(axes), int(src.ndim()));
  array begins = checked_start("slice_update", start, axes.size(), stream);
  // Axes that the update lacks are filled, unless it begins somewhere along them.
  Shape shape = update.shape();
  if (shape.size() < src.ndim()) {
    size_t missing = src.ndim() - shape.size();
    shape.insert(shape.begin(), src.shape().begin(), src.shape().begin() + missing);
    for (int axis : axes)
      if (size_t(axis) < missing) shape[size_t(axis)] = 1;
  }
  check_fits("slice_update", shape, src.shape());
  array values = broadcast_to(astype(update, src.dtype(), stream), shape, stream);
  return array(src.shape(), src.dtype(),
               std::make_shared<DynamicSliceUpdate>(stream, std::move(axes)),
               {src, values, begins});
}

// ---- Parts

std::vector<array> split(const array& a, const Shape& indices, int axis, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(a.ndim()), "[split] ");
  if (indices.empty()) return {a};
  check_parts("split", indices.size() + 1);
  int n = a.shape(axis);
  Shape borders;
  for (int index : indices) borders.push_back(std::clamp(index < 0 ? index + n : index, 0, n));
  std::vector<Shape> shapes;
  bool sorted = std::is_sorted(borders.begin(), borders.end());
  if (!sorted) {
    // As in NumPy, a part that would end before its begin is empty.
    std::vector<array> parts;
    for (size_t i = 0; i <= borders.size(); ++i)
      parts.push_back(
          part(a, i == 0 ? 0 : borders[i - 1], i < borders.size() ? borders[i] : n, axis, s));
    return parts;
  }
  for (size_t i = 0; i <= borders.size(); ++i) {
    Shape shape = a.shape();
    shape[size_t(axis)] = (i < borders.size() ? borders[i] : n) - (i == 0 ? 0 : borders[i - 1]);
    shapes.push_back(std::move(shape));
  }
  std::vector<Dtype> dtypes(shapes.size(), a.dtype());
  return array::make_arrays(std::move(shapes), dtypes,
                            std::make_shared<Split>(to_stream(s), std::move(borders), axis), {a});
}

std::vector<array> split(const array& a, const Shape& indices, StreamOrDevice s) {
  return split(a, indices, 0, s);
}

std::vector<array> split(const array& a, int num_splits, int axis, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(a.ndim()), "[split] ");
  int n = a.shape(axis);
  if (num_splits <= 0 || n % num_splits != 0)
    throw std::invalid_argument(concat_text("[split] Axis ", axis, " of shape ", a.shape(),
                                            " cannot be split into ", num_splits, " equal parts."));
  check_parts("split", size_t(num_splits));
  Shape indices;
  for (int i = 1; i < num_splits; ++i) indices.push_back(i * (n / num_splits));
  return split(a, indices, axis, s);
}

std::vector<array> split(const array& a, int num_splits, StreamOrDevice s) {
  return split(a, num_splits, 0, s);
}

std::vector<array> unstack(const array& a, int axis, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(a.ndim()), "[unstack] ");
  if (a.shape(axis) == 0) return {};
  check_parts("unstack", size_t(a.shape(axis)));
  auto parts = split(a, a.shape(axis), axis, s);
  for (auto& slice : parts) slice = squeeze(slice, axis, s);
  return parts;
}

array as_strided(array a, Shape shape, Strides strides, size_t offset, StreamOrDevice s) {
  if (shape.size() != strides.size())
    throw ShapeError(
        concat_text("[as_strided] Received ", strides.size(), " strides for shape ", shape, "."));
  __int128 lowest = offset, highest = offset;
  bool is_empty = false;
  for (size_t i = 0; i < shape.size(); ++i) {
    is_empty |= shape[i] == 0;
    __int128 reach = __int128(std::max(shape[i], 1) - 1) * strides[i];
    (reach < 0 ? lowest : highest) += reach;
  }
  if (!is_empty && (lowest < 0 || highest >= __int128(a.size())))
    throw std::out_of_range(concat_text("[as_strided] Shape ", shape, " with strides ", strides,
                                        " and offset ", offset, " leaves an array of ", a.size(),
                                        " elements."));
  Stream stream = to_stream(s);
  array values = contiguous(flatten(a, stream), false, stream);
  Shape result = shape;
  return array(std::move(result), a.dtype(),
               std::make_shared<AsStrided>(stream, std::move(shape), std::move(strides), offset),
               {values});
}

}  // namespace mlx::core
