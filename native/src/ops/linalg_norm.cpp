#include <cmath>
#include <limits>

#include "array/axes.h"
#include "mlx/linalg.h"
#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "runtime/cpu_stream.h"

namespace mlx::core::linalg {
namespace {

using Axes = std::vector<int>;

/// The dtype of a norm.
Dtype norm_dtype(const array& a) {
  return a.dtype() == complex64 ? float32 : at_least_float(a.dtype());
}

/// In the dtype that norms are computed in: squares and sums of half types fit float32.
array widened(const array& a, const Stream& s) {
  Dtype dtype = at_least_float(a.dtype());
  return astype(a, dtype.size() == 2 ? float32 : dtype, s);
}

array magnitudes(const array& a, const Stream& s) { return abs(widened(a, s), s); }

Axes all_axes(const array& a) {
  Axes axes(a.ndim());
  for (size_t i = 0; i < axes.size(); ++i) axes[i] = int(i);
  return axes;
}

/// The axes asked for; all when none are, if they are a vector's or a matrix's.
Axes axes_of_order(const array& a, const std::optional<Axes>& axis) {
  if (axis) return axes_in_range(*axis, int(a.ndim()), "[norm] ");
  if (a.ndim() != 1 && a.ndim() != 2)
    throw ShapeError(concat_text(
        "[norm] An order without axes needs 1 or 2 dimensions, but the shape is ", a.shape(), "."));
  return all_axes(a);
}

/// The root of a sum of squares, whose derivative at zero is zero.
array root(const array& squares, const Stream& s) {
  array is_zero = equal(squares, array(0, squares.dtype()), s);
  array positive = where(is_zero, array(1, squares.dtype()), squares, s);
  return where(is_zero, array(0, squares.dtype()), sqrt(positive, s), s);
}

/// x^exponent for x from 0, where the derivative at zero is zero.
array power_of_size(const array& x, double exponent, const Stream& s) {
  array is_zero = equal(x, array(0, x.dtype()), s);
  array positive = where(is_zero, array(1, x.dtype()), x, s);
  array at_zero(exponent > 0 ? 0 : std::numeric_limits<double>::infinity(), x.dtype());
  return where(is_zero, at_zero, power(positive, array(exponent, x.dtype()), s), s);
}

array euclidean_norm(const array& a, const Axes& axes, bool keepdims, const Stream& s) {
  array squares = a.dtype() == complex64 ? add(square(real(a, s), s), square(imag(a, s), s), s)
                                         : square(widened(a, s), s);
  return astype(root(sum(squares, axes, keepdims, s), s), norm_dtype(a), s);
}

array vector_norm(const array& a, double ord, const Axes& axes, bool keepdims, const Stream& s) {
  if (ord == 2) return euclidean_norm(a, axes, keepdims, s);
  auto by_sizes = [&]() {
    array sizes = magnitudes(a, s);
    if (ord == 0) {
      array is_set = not_equal(a, array(0, a.dtype()), s);
      return sum(astype(is_set, sizes.dtype(), s), axes, keepdims, s);
    }
    if (ord == 1) return sum(sizes, axes, keepdims, s);
    if (std::isinf(ord))
      return ord > 0 ? max(sizes, axes, keepdims, s) : min(sizes, axes, keepdims, s);
    array total = sum(power_of_size(sizes, ord, s), axes, keepdims, s);
    return power_of_size(total, 1 / ord, s);
  };
  return astype(by_sizes(), norm_dtype(a), s);
}

/// Puts two axes back that were reduced at the end.
array restored(const array& a, Axes axes, bool keepdims, const Stream& s) {
  if (!keepdims) return a;
  if (axes[0] > axes[1]) std::swap(axes[0], axes[1]);
  return expand_dims(a, axes, s);
}

/// Singular values of the matrices in two axes, in the last axis.
array singular_values(const array& a, const Axes& axes, const StreamOrDevice& s) {
  const Stream stream = cpu_stream("norm", s);
  array rows_last = moveaxis(widened(a, stream), axes[0], -1, stream);
  return svd(moveaxis(rows_last, axes[1] - (axes[1] > axes[0]), -1, stream), false, stream)[0];
}

array matrix_norm(const array& a, double ord, const Axes& axes, bool keepdims,
                  const StreamOrDevice& named) {
  const bool is_largest = ord > 0;
  const Stream s = to_stream(named);
  if (ord == 2 || ord == -2) {
    array values = singular_values(a, axes, named);
    array chosen = is_largest ? max(values, -1, false, s) : min(values, -1, false, s);
    return restored(astype(chosen, norm_dtype(a), s), axes, keepdims, s);
  }
  if (ord != 1 && ord != -1 && !std::isinf(ord))
    throw std::invalid_argument(concat_text(
        "[norm] Norms of matrices have the orders 1, -1, 2, -2, infinity, -infinity, \"fro\" and "
        "\"nuc\", not ",
        ord, "."));
  const bool by_columns = !std::isinf(ord);
  array sums = sum(magnitudes(a, s), axes[by_columns ? 0 : 1], true, s);
  const int rest = axes[by_columns ? 1 : 0];
  array chosen = is_largest ? max(sums, rest, true, s) : min(sums, rest, true, s);
  chosen = astype(chosen, norm_dtype(a), s);
  return keepdims ? chosen : squeeze(chosen, axes, s);
}

void check_count(const Axes& axes) {
  if (axes.size() != 1 && axes.size() != 2)
    throw std::invalid_argument(
        concat_text("[norm] An order takes 1 axis or 2, not ", axes.size(), "."));
}

/// The axes in the caller's order, counted from the front: rows first.
Axes ordered_axes(const array& a, const std::optional<Axes>& axis) {
  Axes sorted = axes_of_order(a, axis);
  check_count(sorted);
  if (!axis) return sorted;
  Axes ordered = *axis;
  for (int& one : ordered) one = one < 0 ? one + int(a.ndim()) : one;
  return ordered;
}

}  // namespace

array norm(const array& a, const std::optional<Axes>& axis, bool keepdims, StreamOrDevice s) {
  Axes axes = axis ? axes_in_range(*axis, int(a.ndim()), "[norm] ") : all_axes(a);
  if (axis && axes.size() > 2)
    throw std::invalid_argument(concat_text(
        "[norm] Expected 1 or 2 axes, or none for all of them, but received ", *axis, "."));
  return euclidean_norm(a, axes, keepdims, to_stream(s));
}

array norm(const array& a, const double ord, const std::optional<Axes>& axis, bool keepdims,
           StreamOrDevice s) {
  if (std::isnan(ord)) throw std::invalid_argument("[norm] The order must not be NaN.");
  Axes axes = ordered_axes(a, axis);
  return axes.size() == 1 ? vector_norm(a, ord, axes, keepdims, to_stream(s))
                          : matrix_norm(a, ord, axes, keepdims, s);
}

array norm(const array& a, const std::string& ord, const std::optional<Axes>& axis, bool keepdims,
           StreamOrDevice s) {
  if (ord != "fro" && ord != "f" && ord != "nuc")
    throw std::invalid_argument(
        concat_text("[norm] The order must be a number, \"fro\" or \"nuc\", not \"", ord, "\"."));
  Stream stream = to_stream(s);
  Axes axes = ordered_axes(a, axis);
  if (axes.size() != 2)
    throw ShapeError(concat_text("[norm] The order \"", ord,
                                 "\" is one of matrices and takes 2 axes, not ", axes.size(), "."));
  if (ord != "nuc") return euclidean_norm(a, axes, keepdims, stream);
  array total = sum(singular_values(a, axes, s), -1, false, stream);
  return restored(astype(total, norm_dtype(a), stream), axes, keepdims, stream);
}

// ---- Cross product

namespace {

int checked_axis(const array& a, int axis) {
  axis = normalize_axis_index(axis, int(a.ndim()), "[cross] ");
  if (a.shape(axis) != 2 && a.shape(axis) != 3)
    throw ShapeError(concat_text("[cross] Expected vectors of 2 or 3 along axis ", axis,
                                 " but received shape ", a.shape(), "."));
  return axis;
}

/// The components along an axis, which stays with size 1; a zero for a missing third.
std::vector<array> components(const array& a, int axis, const Stream& s) {
  auto parts = split(a, a.shape(axis), axis, s);
  if (parts.size() == 2) parts.push_back(zeros_like(parts[0], s));
  return parts;
}

}  // namespace

array cross(const array& a, const array& b, int axis, StreamOrDevice s) {
  Stream stream = to_stream(s);
  const int from_back = checked_axis(a, axis) - int(a.ndim());
  const int other_from_back = checked_axis(b, axis) - int(b.ndim());
  if (from_back != other_from_back)
    throw ShapeError(concat_text("[cross] Axis ", axis, " is not the same one in shapes ",
                                 a.shape(), " and ", b.shape(), "."));
  Dtype dtype = result_type(a, b);
  auto u = components(astype(a, dtype, stream), int(a.ndim()) + from_back, stream);
  auto v = components(astype(b, dtype, stream), int(b.ndim()) + from_back, stream);
  auto component = [&](int i, int j) {
    return subtract(multiply(u[i], v[j], stream), multiply(u[j], v[i], stream), stream);
  };
  return concatenate({component(1, 2), component(2, 0), component(0, 1)}, from_back, stream);
}

}  // namespace mlx::core::linalg
