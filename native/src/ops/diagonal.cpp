#include <algorithm>

#include "array/axes.h"
#include "mlx/ops.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "ops/infer_shape.h"

namespace mlx::core {

// A diagonal of a row-major matrix is every (columns + 1)th of its elements.

array diagonal(const array& a, int offset, int axis1, int axis2, StreamOrDevice s) {
  int ndim = int(a.ndim());
  if (ndim < 2)
    throw ShapeError(concat_text("[diagonal] Expected at least 2 dimensions but received shape ",
                                 a.shape(), "."));
  int row_axis = axis_in_range(axis1, ndim, "[diagonal] ");
  int column_axis = axis_in_range(axis2, ndim, "[diagonal] ");
  if (row_axis == column_axis)
    throw std::invalid_argument(concat_text("[diagonal] Both axes are ", row_axis, "."));
  int64_t shift = offset;
  if (row_axis > column_axis) {
    // The same elements, and the axes are next to each other in memory more often.
    std::swap(row_axis, column_axis);
    shift = -shift;
  }
  int64_t rows = a.shape(row_axis), columns = a.shape(column_axis);
  int64_t length = std::clamp<int64_t>(
      shift >= 0 ? std::min(rows, columns - shift) : std::min(rows + shift, columns), 0,
      std::min(rows, columns));

  Stream stream = to_stream(s);
  array last = moveaxis(moveaxis(a, row_axis, -1, stream), column_axis - 1, -1, stream);
  array flat = flatten(last, -2, -1, stream);
  Shape start(flat.ndim(), 0), stop = flat.shape(), strides(flat.ndim(), 1);
  if (length == 0) {
    // It is there in larger matrices.
    detail::note_sizes_seen(a);
    stop.back() = 0;
  } else {
    int64_t first = shift >= 0 ? shift : -shift * columns;
    start.back() = int(first);
    stop.back() = int(first + (length - 1) * (columns + 1) + 1);
    // One element needs no step, and the step of a single column could overflow.
    strides.back() = length > 1 ? int(columns + 1) : 1;
  }
  return slice(flat, start, stop, strides, stream);
}

array diag(const array& a, int k, StreamOrDevice s) {
  if (a.ndim() == 2) return diagonal(a, k, 0, 1, s);
  if (a.ndim() != 1)
    throw ShapeError(
        concat_text("[diag] Expected 1 or 2 dimensions but received shape ", a.shape(), "."));
  int64_t wide = int64_t(a.shape(0)) + std::abs(int64_t(k));
  if (wide * wide > std::numeric_limits<int>::max())
    throw ShapeError(concat_text("[diag] The matrix for shape ", a.shape(), " and diagonal ", k,
                                 " is too large."));
  int n = int(wide), size = n * n;
  if (a.size() == 0) return zeros({n, n}, a.dtype(), s);
  int first = k >= 0 ? k : -k * n;
  int stop = first + (a.shape(0) - 1) * (n + 1) + 1;
  array flat = slice_update(zeros({size}, a.dtype(), s), a, {first}, {stop}, {n + 1}, s);
  return reshape(flat, {n, n}, s);
}

array trace(const array& a, int offset, int axis1, int axis2, Dtype dtype, StreamOrDevice s) {
  array elements = astype(diagonal(a, offset, axis1, axis2, s), dtype, s);
  return astype(sum(elements, -1, false, s), dtype, s);
}
array trace(const array& a, int offset, int axis1, int axis2, StreamOrDevice s) {
  return sum(diagonal(a, offset, axis1, axis2, s), -1, false, s);
}
array trace(const array& a, StreamOrDevice s) { return trace(a, 0, 0, 1, s); }

}  // namespace mlx::core
