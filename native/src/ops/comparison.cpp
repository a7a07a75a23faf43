#include <limits>

#include "array/dtype_dispatch.h"
#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/complex_parts.h"
#include "ops/dtype_checks.h"
#include "primitives/elementwise.h"

namespace mlx::core {
namespace {

using Op = ElementwiseOp;

array compare(Op op, const array& a, const array& b, StreamOrDevice s) {
  Stream stream = to_stream(s);
  if (a.dtype() == b.dtype()) return elementwise_node(op, a, b, stream);
  Dtype dtype = result_type(a, b);
  return elementwise_node(op, astype(a, dtype, stream), astype(b, dtype, stream), stream);
}

array infinity(const array& a, double sign) {
  return array(sign * std::numeric_limits<double>::infinity(), a.dtype());
}

array never(const array& a, StreamOrDevice s) { return zeros(a.shape(), bool_, s); }

bool is_floating(const array& a) { return issubdtype(a.dtype(), floating); }

/// A complex number is when it is an infinity of the real line.
array is_infinite_with_sign(const array& a, double sign, StreamOrDevice s) {
  return issubdtype(a.dtype(), inexact) ? equal(a, infinity(a, sign), s) : never(a, s);
}

/// The largest value that a floating dtype (or a complex one's parts) can hold.
double largest_finite(Dtype dtype) {
  if (dtype == complex64) return std::numeric_limits<float>::max();
  return dispatch_float(dtype, [](auto tag) {
    return double(std::numeric_limits<typename decltype(tag)::type>::max());
  });
}

}  // namespace

array equal(const array& a, const array& b, StreamOrDevice s) {
  return compare(Op::Equal, a, b, s);
}
array not_equal(const array& a, const array& b, StreamOrDevice s) {
  return compare(Op::NotEqual, a, b, s);
}
array less(const array& a, const array& b, StreamOrDevice s) { return compare(Op::Less, a, b, s); }
array less_equal(const array& a, const array& b, StreamOrDevice s) {
  return compare(Op::LessEqual, a, b, s);
}
array greater(const array& a, const array& b, StreamOrDevice s) {
  return compare(Op::Greater, a, b, s);
}
array greater_equal(const array& a, const array& b, StreamOrDevice s) {
  return compare(Op::GreaterEqual, a, b, s);
}

array isnan(const array& a, StreamOrDevice s) {
  return issubdtype(a.dtype(), inexact) ? not_equal(a, a, s) : never(a, s);
}

array isinf(const array& a, StreamOrDevice s) {
  if (a.dtype() == complex64) return logical_or(isinf(real(a, s), s), isinf(imag(a, s), s), s);
  return is_floating(a) ? equal(abs(a, s), infinity(a, 1), s) : never(a, s);
}

array isfinite(const array& a, StreamOrDevice s) {
  if (a.dtype() == complex64)
    return logical_and(isfinite(real(a, s), s), isfinite(imag(a, s), s), s);
  return is_floating(a) ? less(abs(a, s), infinity(a, 1), s) : ones(a.shape(), bool_, s);
}

array isposinf(const array& a, StreamOrDevice s) { return is_infinite_with_sign(a, 1, s); }
array isneginf(const array& a, StreamOrDevice s) { return is_infinite_with_sign(a, -1, s); }

array nan_to_num(const array& a, float nan, const std::optional<float> posinf,
                 const std::optional<float> neginf, StreamOrDevice s) {
  if (!issubdtype(a.dtype(), inexact)) return a;
  if (a.dtype() == complex64)
    return map_complex_parts(
        a, [&](const array& part) { return nan_to_num(part, nan, posinf, neginf, s); }, s);
  double largest = largest_finite(a.dtype());
  array replaced = where(isnan(a, s), array(nan, a.dtype()), a, s);
  replaced = where(isposinf(a, s), array(posinf ? *posinf : largest, a.dtype()), replaced, s);
  return where(isneginf(a, s), array(neginf ? *neginf : -largest, a.dtype()), replaced, s);
}

array isclose(const array& a, const array& b, double rtol, double atol, bool equal_nan,
              StreamOrDevice s) {
  Dtype dtype = result_type(a, b);
  if (dtype == bool_) dtype = uint8;
  array x = astype(a, dtype, s), y = astype(b, dtype, s);
  bool whole = !issubdtype(dtype, inexact);
  // A difference of unsigned numbers must not wrap around, and small tolerances vanish in float16.
  array difference =
      whole ? subtract(maximum(x, y, s), minimum(x, y, s), s) : abs(subtract(x, y, s), s);
  Dtype real_dtype = dtype == float64 ? float64 : float32;
  array bound = add(array(atol, real_dtype),
                    multiply(array(rtol, real_dtype), astype(abs(y, s), real_dtype, s), s), s);
  array near = less_equal(astype(difference, real_dtype, s), bound, s);
  // Any number is within an infinite bound.
  if (!whole) near = logical_and(near, isfinite(y, s), s);
  Op same = equal_nan && !whole ? Op::NaNEqual : Op::Equal;
  return logical_or(near, elementwise_node(same, x, y, to_stream(s)), s);
}

array allclose(const array& a, const array& b, double rtol, double atol, bool equal_nan,
               StreamOrDevice s) {
  return all(isclose(a, b, rtol, atol, equal_nan, s), s);
}

array array_equal(const array& a, const array& b, bool equal_nan, StreamOrDevice s) {
  if (a.shape() != b.shape()) return array(false);
  bool nan_is_equal = equal_nan && issubdtype(result_type(a, b), inexact);
  return all(compare(nan_is_equal ? Op::NaNEqual : Op::Equal, a, b, s), s);
}

}  // namespace mlx::core
