#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::core {

array kron(const array& a, const array& b, StreamOrDevice s) {
  // Each axis of the result is an axis of a with an axis of b inside.
  size_t ndim = std::max(a.ndim(), b.ndim());
  Shape outer, inner, result;
  for (size_t i = 0; i < ndim; ++i) {
    auto size_in = [&](const array& x) {
      return i + x.ndim() < ndim ? 1 : x.shape(int(i + x.ndim() - ndim));
    };
    int64_t size = int64_t(size_in(a)) * size_in(b);
    if (size > std::numeric_limits<int>::max())
      throw ShapeError(concat_text("[kron] The product of shapes ", a.shape(), " and ", b.shape(),
                                   " is too large."));
    outer.push_back(size_in(a));
    outer.push_back(1);
    inner.push_back(1);
    inner.push_back(size_in(b));
    result.push_back(int(size));
  }
  return reshape(multiply(reshape(a, outer, s), reshape(b, inner, s), s), result, s);
}

array vecdot(const array& a, const array& b, int axis, StreamOrDevice s) {
  if (a.ndim() == 0 || b.ndim() == 0)
    throw ShapeError(concat_text("[vecdot] Expected at least one dimension; the shapes are ",
                                 a.shape(), " and ", b.shape(), "."));
  array left = moveaxis(a, normalize_axis_index(axis, int(a.ndim()), "[vecdot] "), -1, s);
  array right = moveaxis(b, normalize_axis_index(axis, int(b.ndim()), "[vecdot] "), -1, s);
  if (left.shape(-1) != right.shape(-1))
    throw ShapeError(concat_text("[vecdot] Axis ", axis, " of shapes ", a.shape(), " and ",
                                 b.shape(), " must have one size."));
  // As products of a row and a column, which sum half types and small integers as matmul does.
  array row = expand_dims(conjugate(left, s), -2, s), column = expand_dims(right, -1, s);
  return squeeze(matmul(row, column, s), std::vector<int>{-2, -1}, s);
}

}  // namespace mlx::core
