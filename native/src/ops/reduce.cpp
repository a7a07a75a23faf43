#include "mlx/ops/reduce.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "array/axes.h"
#include "array/dtype_table.h"
#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "primitives/reduce.h"

namespace mlx::core {
namespace {

using Axes = std::vector<int>;

Axes all_axes(const array& a) {
  Axes axes(a.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

std::string prefix(const char* name) { return concat_text("[", name, "] "); }

/// Axes are normalized.
array reduce(Reduce::ReduceType type, const array& a, const Axes& axes, bool keepdims, Dtype dtype,
             StreamOrDevice s) {
  if (axes.empty()) return astype(a, dtype, s);
  auto primitive = std::make_shared<Reduce>(to_stream(s), type, axes, keepdims, dtype);
  return array(reduced_shape(a.shape(), axes, keepdims), dtype, std::move(primitive), {a});
}

array reduce(Reduce::ReduceType type, const char* name, const array& a, const Axes& axes,
             bool keepdims, Dtype dtype, StreamOrDevice s) {
  return reduce(type, a, axes_in_range(axes, int(a.ndim()), prefix(name)), keepdims, dtype, s);
}

Dtype total_dtype(Dtype dtype) {
  if (dtype == bool_) return int32;
  if (!issubdtype(dtype, integer) || dtype.size() == 8) return dtype;
  return issubdtype(dtype, unsignedinteger) ? uint32 : int32;
}

/// Totals of half types are kept in float32: neither they nor the count need fit.
Dtype accumulation_dtype(Dtype dtype) { return is_half(dtype) ? float32 : dtype; }

array extreme(Reduce::ReduceType type, const char* name, const array& a, const Axes& axes,
              bool keepdims, StreamOrDevice s) {
  auto normal = axes_in_range(axes, int(a.ndim()), prefix(name));
  for (int axis : normal)
    if (a.shape(axis) == 0)
      throw std::invalid_argument(concat_text("[", name, "] Axis ", axis, " of shape ", a.shape(),
                                              " is empty and has no ", name, "."));
  return reduce(type, a, normal, keepdims, a.dtype(), s);
}

/// The variance in the dtype it is computed in.
array wide_variance(const char* name, const array& a, const Axes& axes, bool keepdims, int ddof,
                    StreamOrDevice s) {
  auto normal = normalize_axes(axes, int(a.ndim()), prefix(name));
  array x = astype(a, accumulation_dtype(at_least_float(a.dtype())), s);
  array distance = subtract(x, mean(x, normal, true, s), s);
  array squares = x.dtype() == complex64
                      ? add(square(real(distance, s), s), square(imag(distance, s), s), s)
                      : square(distance, s);
  array count = number_of_elements(x, normal, false, squares.dtype(), s);
  if (ddof != 0) {
    count = subtract(count, array(ddof, count.dtype()), s);
    count = maximum(count, array(0, count.dtype()), s);
  }
  return divide(sum(squares, normal, keepdims, s), count, s);
}

Dtype variance_dtype(Dtype dtype) { return dtype == complex64 ? float32 : at_least_float(dtype); }

array arg_reduce(ArgReduce::ReduceType type, const char* name, const array& a, int axis,
                 bool keepdims, StreamOrDevice s) {
  axis = axis_in_range(axis, int(a.ndim()), prefix(name));
  if (a.shape(axis) == 0)
    throw std::invalid_argument(concat_text("[", name, "] Axis ", axis, " of shape ", a.shape(),
                                            " is empty and has no ", name, "."));
  auto primitive = std::make_shared<ArgReduce>(to_stream(s), type, axis, keepdims);
  return array(reduced_shape(a.shape(), {axis}, keepdims), uint32, std::move(primitive), {a});
}

array arg_reduce(ArgReduce::ReduceType type, const char* name, const array& a, bool keepdims,
                 StreamOrDevice s) {
  array position = arg_reduce(type, name, flatten(a, s), 0, false, s);
  return keepdims ? reshape(position, Shape(a.ndim(), 1), s) : position;
}

}  // namespace

array all(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  return reduce(Reduce::And, "all", a, axes, keepdims, bool_, s);
}
array any(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  return reduce(Reduce::Or, "any", a, axes, keepdims, bool_, s);
}
array sum(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  return reduce(Reduce::Sum, "sum", a, axes, keepdims, total_dtype(a.dtype()), s);
}
array prod(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  return reduce(Reduce::Prod, "prod", a, axes, keepdims, total_dtype(a.dtype()), s);
}
array max(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  return extreme(Reduce::Max, "max", a, axes, keepdims, s);
}
array min(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  return extreme(Reduce::Min, "min", a, axes, keepdims, s);
}

array mean(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  auto normal = normalize_axes(axes, int(a.ndim()), "[mean] ");
  Dtype dtype = at_least_float(a.dtype()), wide = accumulation_dtype(dtype);
  array total = reduce(Reduce::Sum, astype(a, dtype, s), normal, keepdims, wide, s);
  array count = number_of_elements(a, normal, false, wide == complex64 ? float32 : wide, s);
  return astype(divide(total, count, s), dtype, s);
}

array count_nonzero(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  array is_nonzero = not_equal(a, array(0, a.dtype()), s);
  return reduce(Reduce::Sum, "count_nonzero", is_nonzero, axes, keepdims, int32, s);
}

array median(const array& a, const Axes& axes, bool keepdims, StreamOrDevice s) {
  auto normal = normalize_axes(axes, int(a.ndim()), "[median] ");
  Axes order;
  for (int axis = 0; axis < int(a.ndim()); ++axis)
    if (!std::binary_search(normal.begin(), normal.end(), axis)) order.push_back(axis);
  int kept = int(order.size());
  for (int axis : normal) {
    if (a.shape(axis) == 0)
      throw std::invalid_argument(concat_text("[median] Axis ", axis, " of shape ", a.shape(),
                                              " is empty and has no median."));
    order.push_back(axis);
  }
  Dtype dtype = at_least_float(a.dtype());
  if (normal.empty()) return astype(a, dtype, s);
  array lines = flatten(transpose(a, order, s), kept, -1, s);
  int middle = lines.shape(-1) / 2;
  bool is_odd = lines.shape(-1) % 2;
  array parts = partition(lines, middle, -1, s);
  Shape start(parts.ndim(), 0), stop = parts.shape();
  stop.back() = middle;
  array below = slice(parts, start, stop, s);
  start.back() = middle;
  stop.back() = middle + 1;
  array value = slice(parts, start, stop, s);
  if (!is_odd) value = concatenate({max(below, -1, true, s), value}, -1, s);
  value = mean(value, -1, false, s);
  // NaN is behind the middle when most elements are numbers.
  if (issubdtype(a.dtype(), inexact)) {
    array nan(std::numeric_limits<double>::quiet_NaN(), dtype);
    value = where(any(isnan(lines, s), -1, false, s), nan, value, s);
  }
  return keepdims ? expand_dims(value, normal, s) : value;
}

array var(const array& a, const Axes& axes, bool keepdims, int ddof, StreamOrDevice s) {
  return astype(wide_variance("var", a, axes, keepdims, ddof, s), variance_dtype(a.dtype()), s);
}
array std(const array& a, const Axes& axes, bool keepdims, int ddof, StreamOrDevice s) {
  array variance = wide_variance("std", a, axes, keepdims, ddof, s);
  // Equal elements have no deviation, and no direction in which it grows: their derivative is zero.
  array zero(0, variance.dtype()), is_zero = equal(variance, zero, s);
  array positive = where(is_zero, array(1, variance.dtype()), variance, s);
  array deviation = where(is_zero, zero, sqrt(positive, s), s);
  return astype(deviation, variance_dtype(a.dtype()), s);
}

#define MLX_REDUCTION_OVERLOADS(name)                                     \
  array name(const array& a, int axis, bool keepdims, StreamOrDevice s) { \
    return name(a, Axes{axis}, keepdims, s);                              \
  }                                                                       \
  array name(const array& a, bool keepdims, StreamOrDevice s) {           \
    return name(a, all_axes(a), keepdims, s);                             \
  }
MLX_REDUCTION_OVERLOADS(all)
MLX_REDUCTION_OVERLOADS(any)
MLX_REDUCTION_OVERLOADS(sum)
MLX_REDUCTION_OVERLOADS(prod)
MLX_REDUCTION_OVERLOADS(max)
MLX_REDUCTION_OVERLOADS(min)
MLX_REDUCTION_OVERLOADS(mean)
MLX_REDUCTION_OVERLOADS(median)
MLX_REDUCTION_OVERLOADS(count_nonzero)
#undef MLX_REDUCTION_OVERLOADS

array var(const array& a, int axis, bool keepdims, int ddof, StreamOrDevice s) {
  return var(a, Axes{axis}, keepdims, ddof, s);
}
array var(const array& a, bool keepdims, int ddof, StreamOrDevice s) {
  return var(a, all_axes(a), keepdims, ddof, s);
}
array std(const array& a, int axis, bool keepdims, int ddof, StreamOrDevice s) {
  return std(a, Axes{axis}, keepdims, ddof, s);
}
array std(const array& a, bool keepdims, int ddof, StreamOrDevice s) {
  return std(a, all_axes(a), keepdims, ddof, s);
}

array argmax(const array& a, int axis, bool keepdims, StreamOrDevice s) {
  return arg_reduce(ArgReduce::ArgMax, "argmax", a, axis, keepdims, s);
}
array argmax(const array& a, bool keepdims, StreamOrDevice s) {
  return arg_reduce(ArgReduce::ArgMax, "argmax", a, keepdims, s);
}
array argmin(const array& a, int axis, bool keepdims, StreamOrDevice s) {
  return arg_reduce(ArgReduce::ArgMin, "argmin", a, axis, keepdims, s);
}
array argmin(const array& a, bool keepdims, StreamOrDevice s) {
  return arg_reduce(ArgReduce::ArgMin, "argmin", a, keepdims, s);
}

}  // namespace mlx::core
