#include "mlx/ops/softmax.h"

#include <algorithm>
#include <numeric>

#include "array/axes.h"
#include "mlx/ops.h"
#include "mlx/ops/softmax_parts.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "primitives/reduce.h"
#include "primitives/softmax.h"

namespace mlx::core {
namespace {

using Axes = std::vector<int>;

Axes all_axes(const array& a) {
  Axes axes(a.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

array floating_operand(const char* op, const array& a, StreamOrDevice s) {
  require_real(op, a.dtype());
  return astype(a, at_least_float(a.dtype()), s);
}

/// All axes with the given ones, which are sorted, last.
Axes order_with_last(const Axes& last, int ndim) {
  Axes order;
  for (int i = 0; i < ndim; ++i)
    if (!std::binary_search(last.begin(), last.end(), i)) order.push_back(i);
  order.insert(order.end(), last.begin(), last.end());
  return order;
}

bool is_last_axis(const Axes& axes, const array& a) {
  return axes.size() == 1 && axes[0] == int(a.ndim()) - 1;
}

/// The array with the axes joined to one at the end.
array with_axes_last(const array& a, const Axes& axes, StreamOrDevice s) {
  if (axes.empty()) return expand_dims(a, -1, s);
  array moved = transpose(a, order_with_last(axes, int(a.ndim())), s);
  return flatten(moved, int(a.ndim() - axes.size()), -1, s);
}

}  // namespace

array softmax(const array& a, const Axes& axes_, bool, StreamOrDevice s) {
  array x = floating_operand("softmax", a, s);
  auto axes = axes_in_range(axes_, int(a.ndim()), "[softmax] ");
  auto along_last = [&](const array& rows) {
    return array(rows.shape(), rows.dtype(), std::make_shared<Softmax>(to_stream(s)), {rows});
  };
  if (is_last_axis(axes, x)) return along_last(x);

  Axes order = order_with_last(axes, int(x.ndim())), inverse(order.size());
  Shape moved_shape;
  for (size_t i = 0; i < order.size(); ++i) {
    inverse[order[i]] = int(i);
    moved_shape.push_back(x.shape(order[i]));
  }
  array result = along_last(with_axes_last(x, axes, s));
  return transpose(reshape(result, moved_shape, s), inverse, s);
}

array softmax(const array& a, bool precise, StreamOrDevice s) {
  return softmax(a, all_axes(a), precise, s);
}

array logsumexp(const array& a, const Axes& axes_, bool keepdims, StreamOrDevice s) {
  array x = floating_operand("logsumexp", a, s);
  auto axes = axes_in_range(axes_, int(a.ndim()), "[logsumexp] ");
  array rows = is_last_axis(axes, x) ? x : with_axes_last(x, axes, s);
  Shape shape = reduced_shape(x.shape(), axes, false);
  auto primitive = std::make_shared<LogSumExp>(to_stream(s));
  array result(std::move(shape), x.dtype(), std::move(primitive), {rows});
  return keepdims ? expand_dims(result, axes, s) : result;
}

std::vector<array> logsumexp_parts(const array& a, int axis, StreamOrDevice s) {
  array x = floating_operand("logsumexp_parts", a, s);
  axis = axis_in_range(axis, int(a.ndim()), "[logsumexp_parts] ");
  bool is_last = axis == int(a.ndim()) - 1;
  array rows = is_last ? x : moveaxis(x, axis, -1, s);
  Shape shape = rows.shape();
  shape.back() = 1;
  Dtype wide = promote_types(x.dtype(), float32);
  auto parts = array::make_arrays({shape, shape}, {wide, wide},
                                  std::make_shared<LogSumExpParts>(to_stream(s)), {rows});
  if (is_last) return parts;
  return {moveaxis(parts[0], -1, axis, s), moveaxis(parts[1], -1, axis, s)};
}

array logsumexp(const array& a, int axis, bool keepdims, StreamOrDevice s) {
  return logsumexp(a, Axes{axis}, keepdims, s);
}
array logsumexp(const array& a, bool keepdims, StreamOrDevice s) {
  return logsumexp(a, all_axes(a), keepdims, s);
}

}  // namespace mlx::core
