#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Axes count from the end when negative; one out of bounds or given twice throws
// std::invalid_argument (as in MLX, std::out_of_range in swapaxes, moveaxis and diagonal). Whatever
// strides can express is a view and copies nothing.

// ---- The same elements in another shape

/// One dimension may be -1: it takes what is left. Throws ShapeError when the sizes differ.
MLX_API array reshape(const array& a, Shape shape, StreamOrDevice s = {});
/// Splits one axis into several.
MLX_API array unflatten(const array& a, int axis, Shape shape, StreamOrDevice s = {});
/// Joins the axes from start_axis to end_axis, both included. A scalar becomes one element.
MLX_API array flatten(const array& a, int start_axis, int end_axis = -1, StreamOrDevice s = {});
MLX_API array flatten(const array& a, StreamOrDevice s = {});

/// Without the axes (all) of size one; throws ShapeError for an axis of another size.
MLX_API array squeeze(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
MLX_API array squeeze(const array& a, int axis, StreamOrDevice s = {});
MLX_API array squeeze(const array& a, StreamOrDevice s = {});
/// With new axes of size one; axes count in the result.
MLX_API array expand_dims(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
MLX_API array expand_dims(const array& a, int axis, StreamOrDevice s = {});
/// At least so many dimensions. 3-d: a vector becomes (1, n, 1), a matrix (n, m, 1).
MLX_API array atleast_1d(const array& a, StreamOrDevice s = {});
MLX_API array atleast_2d(const array& a, StreamOrDevice s = {});
MLX_API array atleast_3d(const array& a, StreamOrDevice s = {});
MLX_API std::vector<array> atleast_1d(const std::vector<array>& a, StreamOrDevice s = {});
MLX_API std::vector<array> atleast_2d(const std::vector<array>& a, StreamOrDevice s = {});
MLX_API std::vector<array> atleast_3d(const std::vector<array>& a, StreamOrDevice s = {});

/// Reinterprets the bytes; the last axis scales by the ratio of the item sizes and must divide.
MLX_API array view(const array& a, const Dtype& dtype, StreamOrDevice s = {});

// ---- Axes in another order

MLX_API array transpose(const array& a, std::vector<int> axes, StreamOrDevice s = {});
inline array transpose(const array& a, std::initializer_list<int> axes, StreamOrDevice s = {}) {
  return transpose(a, std::vector<int>(axes), s);
}
/// All axes reversed.
MLX_API array transpose(const array& a, StreamOrDevice s = {});
MLX_API array swapaxes(const array& a, int axis1, int axis2, StreamOrDevice s = {});
MLX_API array moveaxis(const array& a, int source, int destination, StreamOrDevice s = {});
/// The elements along the axes (all) in reverse order.
MLX_API array flip(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
MLX_API array flip(const array& a, int axis, StreamOrDevice s = {});
MLX_API array flip(const array& a, StreamOrDevice s = {});

// ---- Broadcasting

MLX_API array broadcast_to(const array& a, const Shape& shape, StreamOrDevice s = {});
MLX_API std::vector<array> broadcast_arrays(const std::vector<array>& inputs,
                                            StreamOrDevice s = {});
/// Coordinate arrays for a grid. indexing "xy" puts the second array's values along the first axis,
/// "ij" keeps the order; sparse ones keep size one along the other axes.
MLX_API std::vector<array> meshgrid(const std::vector<array>& arrays, bool sparse = false,
                                    const std::string& indexing = "xy", StreamOrDevice s = {});

// ---- Parts of an array

/// start:stop:strides on each axis with Python's rules for negative values and clipping; with a
/// negative stride, a stop below -size reaches the first element.
MLX_API array slice(const array& a, Shape start, Shape stop, Shape strides, StreamOrDevice s = {});
inline array slice(const array& a, std::initializer_list<int> start, Shape stop, Shape strides,
                   StreamOrDevice s = {}) {
  return slice(a, Shape(start), std::move(stop), std::move(strides), s);
}
MLX_API array slice(const array& a, Shape start, Shape stop, StreamOrDevice s = {});
/// Begins at start[i] along axes[i], start being computed; other axes begin at 0. The result has
/// the shape slice_size. Negative begins count from the end; a slice that leaves the array is an
/// EngineError when it is evaluated.
MLX_API array slice(const array& a, const array& start, std::vector<int> axes, Shape slice_size,
                    StreamOrDevice s = {});

/// src with the slice replaced by update, broadcast to it and cast to src's dtype.
MLX_API array slice_update(const array& src, const array& update, Shape start, Shape stop,
                           Shape strides, StreamOrDevice s = {});
MLX_API array slice_update(const array& src, const array& update, Shape start, Shape stop,
                           StreamOrDevice s = {});
inline array slice_update(const array& src, const array& update, std::initializer_list<int> start,
                          Shape stop, Shape strides, StreamOrDevice s = {}) {
  return slice_update(src, update, Shape(start), std::move(stop), std::move(strides), s);
}
inline array slice_update(const array& src, const array& update, std::initializer_list<int> start,
                          Shape stop, StreamOrDevice s = {}) {
  return slice_update(src, update, Shape(start), std::move(stop), s);
}
/// src with update in it, beginning at start[i] along axes[i] and at 0 along others. Leading axes
/// that update lacks are filled.
MLX_API array slice_update(const array& src, const array& update, const array& start,
                           std::vector<int> axes, StreamOrDevice s = {});

// src with the slice combined with update, which is broadcast to it and cast to src's dtype.

MLX_API array slice_update_add(const array& src, const array& update, Shape start, Shape stop,
                               Shape strides, StreamOrDevice s = {});
MLX_API array slice_update_add(const array& src, const array& update, Shape start, Shape stop,
                               StreamOrDevice s = {});
MLX_API array slice_update_prod(const array& src, const array& update, Shape start, Shape stop,
                                Shape strides, StreamOrDevice s = {});
MLX_API array slice_update_prod(const array& src, const array& update, Shape start, Shape stop,
                                StreamOrDevice s = {});
MLX_API array slice_update_max(const array& src, const array& update, Shape start, Shape stop,
                               Shape strides, StreamOrDevice s = {});
MLX_API array slice_update_max(const array& src, const array& update, Shape start, Shape stop,
                               StreamOrDevice s = {});
MLX_API array slice_update_min(const array& src, const array& update, Shape start, Shape stop,
                               Shape strides, StreamOrDevice s = {});
MLX_API array slice_update_min(const array& src, const array& update, Shape start, Shape stop,
                               StreamOrDevice s = {});

/// Equal parts, or parts that begin at the given indices. Axis 0 unless given.
MLX_API std::vector<array> split(const array& a, int num_splits, int axis, StreamOrDevice s = {});
MLX_API std::vector<array> split(const array& a, int num_splits, StreamOrDevice s = {});
MLX_API std::vector<array> split(const array& a, const Shape& indices, int axis,
                                 StreamOrDevice s = {});
MLX_API std::vector<array> split(const array& a, const Shape& indices, StreamOrDevice s = {});
/// The slices along an axis, without it.
MLX_API std::vector<array> unstack(const array& a, int axis, StreamOrDevice s = {});
inline std::vector<array> unstack(const array& a, StreamOrDevice s = {}) {
  return unstack(a, 0, s);
}

MLX_API array diagonal(const array& a, int offset = 0, int axis1 = 0, int axis2 = 1,
                       StreamOrDevice s = {});
/// A vector's matrix with it on diagonal k, or a matrix's diagonal k.
MLX_API array diag(const array& a, int k = 0, StreamOrDevice s = {});
/// The sum of a diagonal.
MLX_API array trace(const array& a, int offset, int axis1, int axis2, Dtype dtype,
                    StreamOrDevice s = {});
MLX_API array trace(const array& a, int offset, int axis1, int axis2, StreamOrDevice s = {});
MLX_API array trace(const array& a, StreamOrDevice s = {});

/// A view of a's elements in row-major order with any strides and offset, in elements; every place
/// it names must lie inside a.
MLX_API array as_strided(array a, Shape shape, Strides strides, size_t offset,
                         StreamOrDevice s = {});

// ---- Several arrays into one

/// Joins along an axis (0); the arrays agree in all other axes and are cast to one dtype.
MLX_API array concatenate(std::vector<array> arrays, int axis, StreamOrDevice s = {});
MLX_API array concatenate(std::vector<array> arrays, StreamOrDevice s = {});
/// Joins along a new axis (0).
MLX_API array stack(const std::vector<array>& arrays, int axis, StreamOrDevice s = {});
MLX_API array stack(const std::vector<array>& arrays, StreamOrDevice s = {});

/// Each element repeats times along an axis, or of the flattened array.
MLX_API array repeat(const array& arr, int repeats, int axis, StreamOrDevice s = {});
MLX_API array repeat(const array& arr, int repeats, StreamOrDevice s = {});
/// The whole array reps[i] times along axis i; reps and shape are aligned at the end.
MLX_API array tile(const array& arr, std::vector<int> reps, StreamOrDevice s = {});

/// Moves elements along the axes, the last ones coming in first; without axes, of the flattened
/// array.
MLX_API array roll(const array& a, int shift, StreamOrDevice s = {});
MLX_API array roll(const array& a, const Shape& shift, StreamOrDevice s = {});
MLX_API array roll(const array& a, int shift, int axis, StreamOrDevice s = {});
MLX_API array roll(const array& a, int shift, const std::vector<int>& axes, StreamOrDevice s = {});
MLX_API array roll(const array& a, const Shape& shift, int axis, StreamOrDevice s = {});
MLX_API array roll(const array& a, const Shape& shift, const std::vector<int>& axes,
                   StreamOrDevice s = {});

/// Grows the axes (all) at both ends. mode: "constant" writes pad_value, "edge" repeats the end,
/// "reflect" mirrors about the end element, "symmetric" mirrors with it.
MLX_API array pad(const array& a, const std::vector<int>& axes, const Shape& low_pad_size,
                  const Shape& high_pad_size, const array& pad_value = array(0),
                  const std::string& mode = "constant", StreamOrDevice s = {});
MLX_API array pad(const array& a, const std::vector<std::pair<int, int>>& pad_width,
                  const array& pad_value = array(0), const std::string& mode = "constant",
                  StreamOrDevice s = {});
MLX_API array pad(const array& a, const std::pair<int, int>& pad_width,
                  const array& pad_value = array(0), const std::string& mode = "constant",
                  StreamOrDevice s = {});
MLX_API array pad(const array& a, int pad_width, const array& pad_value = array(0),
                  const std::string& mode = "constant", StreamOrDevice s = {});

// ---- Edges of the graph

/// The inputs, which are now computed after the dependencies.
MLX_API std::vector<array> depends(const std::vector<array>& inputs,
                                   const std::vector<array>& dependencies);

}  // namespace mlx::core
