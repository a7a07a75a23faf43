#include "mlx/ops/shape.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/infer_shape.h"
#include "primitives/shape.h"

namespace mlx::core {
namespace {

std::vector<array> each(const std::vector<array>& arrays, array (*op)(const array&, StreamOrDevice),
                        StreamOrDevice s) {
  std::vector<array> results;
  results.reserve(arrays.size());
  for (auto& a : arrays) results.push_back(op(a, s));
  return results;
}

}  // namespace

Shape infer_shape(const char* op, const Shape& from, Shape requested) {
  int64_t size = 1, known = 1;
  int64_t unknown = -1;
  bool fits = true;
  for (auto n : from) size *= n;
  for (size_t i = 0; i < requested.size(); ++i) {
    if (requested[i] == -1 && unknown < 0) {
      unknown = int64_t(i);
    } else if (requested[i] < 0 || __builtin_mul_overflow(known, requested[i], &known)) {
      fits = false;
    }
  }
  if (fits && unknown >= 0) {
    fits = known != 0 && size % known == 0 && size / known <= std::numeric_limits<int>::max();
    if (fits) requested[size_t(unknown)] = int(size / known);
  } else {
    fits &= known == size;
  }
  if (!fits)
    throw ShapeError(concat_text("[", op, "] Cannot give shape ", requested,
                                 " to an array of shape ", from, "."));
  return requested;
}

int joined_size(const char* op, const Shape& shape, int first, int last) {
  int64_t size = 1;
  for (int i = first; i <= last; ++i) size *= shape[size_t(i)];
  if (size > std::numeric_limits<int>::max())
    throw ShapeError(concat_text("[", op, "] The axes ", first, " to ", last, " of shape ", shape,
                                 " are too large for one."));
  return int(size);
}

array reshape(const array& a, Shape shape, StreamOrDevice s) {
  if (a.shape() == shape) return a;
  Shape result = infer_shape("reshape", a.shape(), shape);
  return array(std::move(result), a.dtype(),
               std::make_shared<Reshape>(to_stream(s), std::move(shape)), {a});
}

array unflatten(const array& a, int axis, Shape shape, StreamOrDevice s) {
  if (shape.empty()) throw ShapeError("[unflatten] Expected a shape of at least one dimension.");
  axis = normalize_axis_index(axis, int(a.ndim()), "[unflatten] ");
  Shape inner = infer_shape("unflatten", Shape{a.shape(axis)}, shape);
  Shape result = a.shape();
  result.erase(result.begin() + axis);
  result.insert(result.begin() + axis, inner.begin(), inner.end());
  if (result == a.shape()) return a;
  return array(std::move(result), a.dtype(),
               std::make_shared<Unflatten>(to_stream(s), axis, std::move(shape)), {a});
}

array flatten(const array& a, int start_axis, int end_axis, StreamOrDevice s) {
  if (a.ndim() == 0) return reshape(a, {1}, s);
  int start = normalize_axis_index(start_axis, int(a.ndim()), "[flatten] ");
  int end = normalize_axis_index(end_axis, int(a.ndim()), "[flatten] ");
  if (start > end)
    throw std::invalid_argument(concat_text("[flatten] The start axis ", start_axis,
                                            " lies behind the end axis ", end_axis, "."));
  if (start == end) return a;
  Shape shape = a.shape();
  shape[size_t(start)] = joined_size("flatten", shape, start, end);
  shape.erase(shape.begin() + start + 1, shape.begin() + end + 1);
  return array(std::move(shape), a.dtype(), std::make_shared<Flatten>(to_stream(s), start, end),
               {a});
}
array flatten(const array& a, StreamOrDevice s) { return flatten(a, 0, -1, s); }

array squeeze(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  auto dropped = normalize_axes(axes, int(a.ndim()), "[squeeze] ");
  if (dropped.empty()) return a;
  Shape shape;
  for (int i = 0; i < int(a.ndim()); ++i) {
    if (!std::binary_search(dropped.begin(), dropped.end(), i)) {
      shape.push_back(a.shape(i));
    } else if (a.shape(i) != 1) {
      throw ShapeError(
          concat_text("[squeeze] Axis ", i, " of shape ", a.shape(), " does not have size 1."));
    }
  }
  return array(std::move(shape), a.dtype(),
               std::make_shared<Squeeze>(to_stream(s), std::move(dropped)), {a});
}
array squeeze(const array& a, int axis, StreamOrDevice s) {
  return squeeze(a, std::vector<int>{axis}, s);
}
array squeeze(const array& a, StreamOrDevice s) {
  std::vector<int> axes;
  for (int i = 0; i < int(a.ndim()); ++i)
    if (a.shape(i) == 1) axes.push_back(i);
  return squeeze(a, axes, s);
}

array expand_dims(const array& a, const std::vector<int>& axes, StreamOrDevice s) {
  auto added = normalize_axes(axes, int(a.ndim() + axes.size()), "[expand_dims] ");
  if (added.empty()) return a;
  Shape shape = a.shape();
  for (int axis : added) shape.insert(shape.begin() + axis, 1);
  return array(std::move(shape), a.dtype(),
               std::make_shared<ExpandDims>(to_stream(s), std::move(added)), {a});
}
array expand_dims(const array& a, int axis, StreamOrDevice s) {
  return expand_dims(a, std::vector<int>{axis}, s);
}

array atleast_1d(const array& a, StreamOrDevice s) {
  return a.ndim() == 0 ? reshape(a, {1}, s) : a;
}
array atleast_2d(const array& a, StreamOrDevice s) {
  if (a.ndim() >= 2) return a;
  return a.ndim() == 1 ? expand_dims(a, 0, s) : reshape(a, {1, 1}, s);
}
array atleast_3d(const array& a, StreamOrDevice s) {
  switch (a.ndim()) {
    case 0:
      return reshape(a, {1, 1, 1}, s);
    case 1:
      return expand_dims(a, {0, 2}, s);
    case 2:
      return expand_dims(a, 2, s);
    default:
      return a;
  }
}
std::vector<array> atleast_1d(const std::vector<array>& a, StreamOrDevice s) {
  return each(a, atleast_1d, s);
}
std::vector<array> atleast_2d(const std::vector<array>& a, StreamOrDevice s) {
  return each(a, atleast_2d, s);
}
std::vector<array> atleast_3d(const std::vector<array>& a, StreamOrDevice s) {
  return each(a, atleast_3d, s);
}

array view(const array& a, const Dtype& dtype, StreamOrDevice s) {
  if (a.dtype() == dtype) return a;
  Shape shape = a.shape();
  if (a.itemsize() != dtype.size()) {
    int64_t bytes = a.ndim() == 0 ? 1 : int64_t(shape.back()) * int64_t(a.itemsize());
    if (bytes % dtype.size() != 0 || bytes / dtype.size() > std::numeric_limits<int>::max() ||
        a.ndim() == 0)
      throw ShapeError(concat_text("[view] The last axis of shape ", a.shape(), " and dtype ",
                                   a.dtype(), " cannot be divided into elements of ", dtype, "."));
    shape.back() = int(bytes / dtype.size());
  }
  return array(std::move(shape), dtype, std::make_shared<View>(to_stream(s), dtype), {a});
}

}  // namespace mlx::core
