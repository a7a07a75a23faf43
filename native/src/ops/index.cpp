#include "mlx/ops/index.h"

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/gather.h"
#include "primitives/scatter.h"

namespace mlx::core {
namespace {

std::string prefix(const char* name) { return concat_text("[", name, "] "); }

void require_index_dtype(const char* name, const array& indices) {
  if (!issubdtype(indices.dtype(), integer))
    throw DtypeError(concat_text("[", name, "] Indices must be of an integer dtype, not ",
                                 indices.dtype(), "; use astype(int32)."));
}

/// What gather and scatter ask of their indices.
struct IndexedSlices {
  std::vector<array> indices;
  std::vector<int> axes;
  /// The shape the indices share.
  Shape shape;
};

IndexedSlices check_indices(const char* name, const array& a, const std::vector<array>& indices,
                            const std::vector<int>& axes, StreamOrDevice s) {
  if (indices.size() != axes.size())
    throw std::invalid_argument(concat_text("[", name, "] Received ", indices.size(),
                                            " index arrays for ", axes.size(), " axes."));
  IndexedSlices result;
  for (size_t i = 0; i < axes.size(); ++i) {
    require_index_dtype(name, indices[i]);
    result.axes.push_back(normalize_axis_index(axes[i], int(a.ndim()), prefix(name)));
  }
  normalize_axes(result.axes, int(a.ndim()), prefix(name));
  result.indices = indices.size() > 1 ? broadcast_arrays(indices, s) : indices;
  if (!indices.empty()) result.shape = result.indices[0].shape();
  return result;
}

array scatter(ScatterReduction reduction, const char* name, const array& a,
              const std::vector<array>& indices, const array& updates, const std::vector<int>& axes,
              StreamOrDevice s) {
  auto slices = check_indices(name, a, indices, axes, s);
  const Shape &shape = updates.shape(), &index_shape = slices.shape;
  size_t index_ndim = index_shape.size();
  bool fits = shape.size() == index_ndim + a.ndim() &&
              std::equal(index_shape.begin(), index_shape.end(), shape.begin());
  for (size_t i = 0; fits && i < a.ndim(); ++i) fits = shape[index_ndim + i] <= a.shape(int(i));
  if (!fits)
    throw ShapeError(concat_text("[", name, "] Updates of shape ", shape, " don't fit indices of ",
                                 "shape ", index_shape, " into an array of shape ", a.shape(),
                                 ": expected the indices' shape and then a size for each axis."));
  std::vector<array> inputs = {a};
  inputs.insert(inputs.end(), slices.indices.begin(), slices.indices.end());
  inputs.push_back(astype(updates, a.dtype(), s));
  auto primitive = std::make_shared<Scatter>(to_stream(s), reduction, std::move(slices.axes));
  return array(a.shape(), a.dtype(), std::move(primitive), std::move(inputs));
}

/// All arrays with the sizes they meet in, but for the axis, along which each keeps its own.
std::vector<array> broadcast_around_axis(const std::vector<array>& arrays, int axis,
                                         StreamOrDevice s) {
  Shape common;
  for (auto& a : arrays) {
    Shape shape = a.shape();
    shape[axis] = 1;
    common = broadcast_shapes(common, shape);
  }
  std::vector<array> result;
  for (auto& a : arrays) {
    common[axis] = a.shape(axis);
    result.push_back(a.shape() == common ? a : broadcast_to(a, common, s));
  }
  return result;
}

int check_along_axis(const char* name, const array& a, const array& indices, int axis) {
  require_index_dtype(name, indices);
  if (indices.ndim() != a.ndim())
    throw ShapeError(concat_text("[", name, "] Indices of shape ", indices.shape(),
                                 " must have as many dimensions as the array of shape ", a.shape(),
                                 "."));
  return normalize_axis_index(axis, int(a.ndim()), prefix(name));
}

array scatter_along_axis(ScatterReduction reduction, const char* name, const array& a,
                         const array& indices, const array& values, int axis, StreamOrDevice s) {
  axis = check_along_axis(name, a, indices, axis);
  auto around = broadcast_around_axis({a, indices}, axis, s);
  array updates = broadcast_to(astype(values, a.dtype(), s), around[1].shape(), s);
  auto primitive = std::make_shared<ScatterAxis>(to_stream(s), reduction, axis);
  Shape shape = around[0].shape();
  return array(std::move(shape), a.dtype(), std::move(primitive), {around[0], around[1], updates});
}

void require_elements(const array& a, int axis, const array& indices) {
  if (a.shape(axis) == 0 && indices.size() != 0)
    throw std::invalid_argument(concat_text("[take] Cannot take from axis ", axis,
                                            " of an array of shape ", a.shape(),
                                            ", which has no elements."));
}

}  // namespace

array gather(const array& a, const std::vector<array>& indices, const std::vector<int>& axes,
             const Shape& slice_sizes, StreamOrDevice s) {
  auto slices = check_indices("gather", a, indices, axes, s);
  bool fits = slice_sizes.size() == a.ndim();
  for (size_t i = 0; fits && i < a.ndim(); ++i)
    fits = slice_sizes[i] >= 0 && slice_sizes[i] <= a.shape(int(i));
  if (!fits)
    throw ShapeError(concat_text("[gather] Slices of shape ", slice_sizes,
                                 " don't fit an array of shape ", a.shape(), "."));
  Shape shape = slices.shape;
  shape.insert(shape.end(), slice_sizes.begin(), slice_sizes.end());
  std::vector<array> inputs = {a};
  inputs.insert(inputs.end(), slices.indices.begin(), slices.indices.end());
  auto primitive = std::make_shared<Gather>(to_stream(s), std::move(slices.axes), slice_sizes);
  return array(std::move(shape), a.dtype(), std::move(primitive), std::move(inputs));
}

array take(const array& a, const array& indices, int axis, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(a.ndim()), "[take] ");
  require_index_dtype("take", indices);
  require_elements(a, axis, indices);
  Shape slice_sizes = a.shape();
  slice_sizes[axis] = std::min(1, slice_sizes[axis]);
  array slices = gather(a, indices, axis, slice_sizes, s);
  // Now the indices' axes stand first: bring them to the axis's place.
  int index_ndim = int(indices.ndim());
  Shape shape = slices.shape();
  shape.erase(shape.begin() + index_ndim + axis);
  array taken = reshape(slices, shape, s);
  if (axis == 0 || index_ndim == 0) return taken;
  std::vector<int> order;
  for (int i = 0; i < axis; ++i) order.push_back(index_ndim + i);
  for (int i = 0; i < index_ndim; ++i) order.push_back(i);
  for (int i = index_ndim + axis; i < int(shape.size()); ++i) order.push_back(i);
  return transpose(taken, order, s);
}

array take(const array& a, int index, int axis, StreamOrDevice s) {
  axis = normalize_axis_index(axis, int(a.ndim()), "[take] ");
  int size = a.shape(axis);
  if (index < -size || index >= size)
    throw std::out_of_range(concat_text("[take] Index ", index, " is out of bounds for axis ", axis,
                                        " of shape ", a.shape(), "."));
  Shape start(a.ndim(), 0), stop = a.shape();
  start[axis] = index < 0 ? index + size : index;
  stop[axis] = start[axis] + 1;
  return squeeze(slice(a, start, stop, s), axis, s);
}

array take(const array& a, const array& indices, StreamOrDevice s) {
  return take(flatten(a, s), indices, 0, s);
}
array take(const array& a, int index, StreamOrDevice s) { return take(flatten(a, s), index, 0, s); }

array take_along_axis(const array& a, const array& indices, int axis, StreamOrDevice s) {
  axis = check_along_axis("take_along_axis", a, indices, axis);
  auto around = broadcast_around_axis({a, indices}, axis, s);
  auto primitive = std::make_shared<GatherAxis>(to_stream(s), axis);
  Shape shape = around[1].shape();
  return array(std::move(shape), a.dtype(), std::move(primitive), std::move(around));
}

array put_along_axis(const array& a, const array& indices, const array& values, int axis,
                     StreamOrDevice s) {
  return scatter_along_axis(ScatterReduction::None, "put_along_axis", a, indices, values, axis, s);
}
array scatter_add_axis(const array& a, const array& indices, const array& values, int axis,
                       StreamOrDevice s) {
  return scatter_along_axis(ScatterReduction::Sum, "scatter_add_axis", a, indices, values, axis, s);
}

array scatter(const array& a, const std::vector<array>& indices, const array& updates,
              const std::vector<int>& axes, StreamOrDevice s) {
  return scatter(ScatterReduction::None, "scatter", a, indices, updates, axes, s);
}
array scatter_add(const array& a, const std::vector<array>& indices, const array& updates,
                  const std::vector<int>& axes, StreamOrDevice s) {
  return scatter(ScatterReduction::Sum, "scatter_add", a, indices, updates, axes, s);
}
array scatter_prod(const array& a, const std::vector<array>& indices, const array& updates,
                   const std::vector<int>& axes, StreamOrDevice s) {
  return scatter(ScatterReduction::Prod, "scatter_prod", a, indices, updates, axes, s);
}
array scatter_max(const array& a, const std::vector<array>& indices, const array& updates,
                  const std::vector<int>& axes, StreamOrDevice s) {
  return scatter(ScatterReduction::Max, "scatter_max", a, indices, updates, axes, s);
}
array scatter_min(const array& a, const std::vector<array>& indices, const array& updates,
                  const std::vector<int>& axes, StreamOrDevice s) {
  return scatter(ScatterReduction::Min, "scatter_min", a, indices, updates, axes, s);
}

array masked_scatter(const array& a, const array& mask, const array& src, StreamOrDevice s) {
  if (mask.dtype() != bool_)
    throw DtypeError(
        concat_text("[masked_scatter] The mask must be of dtype bool, not ", mask.dtype(), "."));
  bool fits = mask.ndim() <= a.ndim();
  for (size_t i = 0; fits && i < mask.ndim(); ++i)
    fits = mask.shape(int(i)) == a.shape(int(i)) || mask.shape(int(i)) == 1;
  if (!fits)
    throw ShapeError(concat_text("[masked_scatter] A mask of shape ", mask.shape(),
                                 " doesn't fit the first axes of shape ", a.shape(), "."));
  if (a.size() == 0) return a;
  Shape aligned = mask.shape();
  aligned.resize(a.ndim(), 1);
  array chosen = broadcast_to(reshape(mask, aligned, s), a.shape(), s);
  // The number of chosen elements before each one.
  array places = reshape(cumsum(chosen, false, false, s), a.shape(), s);
  places = where(chosen, places, array(0), s);
  return where(chosen, take(astype(src, a.dtype(), s), places, s), a, s);
}

}  // namespace mlx::core
