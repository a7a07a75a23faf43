#include "mlx/ops/elementwise.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "array/dtype_table.h"
#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/complex_parts.h"
#include "ops/dtype_checks.h"
#include "primitives/elementwise.h"

namespace mlx::core {
namespace {

using Op = ElementwiseOp;

array unary(Op op, const array& a, StreamOrDevice s) {
  return elementwise_node(op, a, to_stream(s));
}

/// For functions with fractional results.
array unary_float(Op op, const array& a, StreamOrDevice s) {
  Stream stream = to_stream(s);
  if (issubdtype(a.dtype(), inexact)) return elementwise_node(op, a, stream);
  return elementwise_node(op, astype(a, float32, stream), stream);
}

array binary_in(Op op, const array& a, const array& b, Dtype dtype, const Stream& stream) {
  return elementwise_node(op, astype(a, dtype, stream), astype(b, dtype, stream), stream);
}

array binary(Op op, const array& a, const array& b, StreamOrDevice s) {
  Stream stream = to_stream(s);
  if (a.dtype() == b.dtype()) return elementwise_node(op, a, b, stream);
  return binary_in(op, a, b, result_type(a, b), stream);
}

array binary_float(Op op, const array& a, const array& b, StreamOrDevice s) {
  return binary_in(op, a, b, at_least_float(result_type(a, b)), to_stream(s));
}

array binary_bool(Op op, const array& a, const array& b, StreamOrDevice s) {
  return binary_in(op, a, b, bool_, to_stream(s));
}

array binary_bits(Op op, const char* name, const array& a, const array& b, StreamOrDevice s) {
  Dtype dtype = result_type(a, b);
  require_integral(name, dtype);
  return binary_in(op, a, b, dtype, to_stream(s));
}

array shift(Op op, const char* name, const array& a, const array& b, StreamOrDevice s) {
  Dtype dtype = result_type(a, b);
  require_integral(name, dtype);
  // One bit has no room to shift in.
  return binary_in(op, a, b, dtype == bool_ ? uint8 : dtype, to_stream(s));
}

/// Integers have nothing to round away.
array rounded(Op op, const char* name, const array& a, StreamOrDevice s) {
  require_real(name, a.dtype());
  return issubdtype(a.dtype(), floating) ? unary(op, a, s) : a;
}

/// Halves to even, in integers throughout: a float would lose the last digits of large ones.
array round_integer(const array& a, int digits, const Stream& stream) {
  Dtype dtype = a.dtype();
  int64_t power = 1;
  for (int i = 0; i < digits; ++i) {
    // Half of it is beyond every value of the dtype.
    if (uint64_t(power) > (uint64_t(1) << (8 * dtype.size() - 1)) / 5 || power > INT64_MAX / 10)
      return zeros_like(a, stream);
    power *= 10;
  }
  array unit(power, dtype), half(power / 2, dtype);
  array below = floor_divide(a, unit, stream);
  array rest = subtract(a, multiply(below, unit, stream), stream);
  array odd = not_equal(remainder(below, array(2, dtype), stream), array(0, dtype), stream);
  array up = logical_or(greater(rest, half, stream),
                        logical_and(equal(rest, half, stream), odd, stream), stream);
  return multiply(add(below, astype(up, dtype, stream), stream), unit, stream);
}

array round_floating(const array& a, int decimals, const Stream& stream) {
  // The scale of a few decimals is beyond float16 already.
  array x = is_half(a.dtype()) ? astype(a, float32, stream) : a;
  Dtype dtype = x.dtype();
  // No number has so many digits before the point.
  if (decimals < -(dtype == float64 ? 308 : 38))
    return where(isfinite(a, stream), multiply(a, array(0, a.dtype()), stream), a, stream);
  array scale(std::pow(10.0, std::abs(decimals)), dtype);
  array scaled = decimals > 0 ? multiply(x, scale, stream) : divide(x, scale, stream);
  array whole = elementwise_node(Op::Round, scaled, stream);
  array result = decimals > 0 ? divide(whole, scale, stream) : multiply(whole, scale, stream);
  // A value too large to be scaled has no such decimals.
  result = where(isfinite(scaled, stream), result, x, stream);
  return astype(result, a.dtype(), stream);
}

}  // namespace

array astype(array a, Dtype dtype, StreamOrDevice s) {
  if (a.dtype() == dtype) return a;
  Shape shape = a.shape();
  auto primitive = std::make_shared<AsType>(to_stream(s), dtype);
  return array(std::move(shape), dtype, std::move(primitive), {std::move(a)});
}

// ---- One operand

array abs(const array& a, StreamOrDevice s) {
  bool is_unsigned = a.dtype() == bool_ || issubdtype(a.dtype(), unsignedinteger);
  return is_unsigned ? a : unary(Op::Abs, a, s);
}

array negative(const array& a, StreamOrDevice s) {
  if (a.dtype() == bool_) throw DtypeError("[negative] Not supported for bool; use logical_not.");
  return unary(Op::Negative, a, s);
}

array positive(const array& a, StreamOrDevice) { return a; }
array sign(const array& a, StreamOrDevice s) { return unary(Op::Sign, a, s); }

array floor(const array& a, StreamOrDevice s) { return rounded(Op::Floor, "floor", a, s); }
array ceil(const array& a, StreamOrDevice s) { return rounded(Op::Ceil, "ceil", a, s); }
array trunc(const array& a, StreamOrDevice s) { return rounded(Op::Trunc, "trunc", a, s); }

array round(const array& a, int decimals, StreamOrDevice s) {
  // Beyond these nothing changes, and the smallest integer has no opposite.
  decimals = std::clamp(decimals, -400, 400);
  if (a.dtype() == complex64)
    return map_complex_parts(a, [&](const array& part) { return round(part, decimals, s); }, s);
  bool whole = !issubdtype(a.dtype(), inexact);
  if (whole && (decimals >= 0 || a.dtype() == bool_)) return a;
  if (whole) return round_integer(a, -decimals, to_stream(s));
  return decimals == 0 ? unary(Op::Round, a, s) : round_floating(a, decimals, to_stream(s));
}

array square(const array& a, StreamOrDevice s) { return unary(Op::Square, a, s); }
array sqrt(const array& a, StreamOrDevice s) { return unary_float(Op::Sqrt, a, s); }
array rsqrt(const array& a, StreamOrDevice s) { return unary_float(Op::Rsqrt, a, s); }
array reciprocal(const array& a, StreamOrDevice s) { return unary_float(Op::Reciprocal, a, s); }

array exp(const array& a, StreamOrDevice s) { return unary_float(Op::Exp, a, s); }
array expm1(const array& a, StreamOrDevice s) { return unary_float(Op::Expm1, a, s); }
array log(const array& a, StreamOrDevice s) { return unary_float(Op::Log, a, s); }
array log2(const array& a, StreamOrDevice s) { return unary_float(Op::Log2, a, s); }
array log10(const array& a, StreamOrDevice s) { return unary_float(Op::Log10, a, s); }
array log1p(const array& a, StreamOrDevice s) { return unary_float(Op::Log1p, a, s); }
array sigmoid(const array& a, StreamOrDevice s) { return unary_float(Op::Sigmoid, a, s); }

array erf(const array& a, StreamOrDevice s) {
  require_real("erf", a.dtype());
  return unary_float(Op::Erf, a, s);
}
array erfinv(const array& a, StreamOrDevice s) {
  require_real("erfinv", a.dtype());
  return unary_float(Op::ErfInv, a, s);
}

array sin(const array& a, StreamOrDevice s) { return unary_float(Op::Sin, a, s); }
array cos(const array& a, StreamOrDevice s) { return unary_float(Op::Cos, a, s); }
array tan(const array& a, StreamOrDevice s) { return unary_float(Op::Tan, a, s); }
array arcsin(const array& a, StreamOrDevice s) { return unary_float(Op::ArcSin, a, s); }
array arccos(const array& a, StreamOrDevice s) { return unary_float(Op::ArcCos, a, s); }
array arctan(const array& a, StreamOrDevice s) { return unary_float(Op::ArcTan, a, s); }
array sinh(const array& a, StreamOrDevice s) { return unary_float(Op::Sinh, a, s); }
array cosh(const array& a, StreamOrDevice s) { return unary_float(Op::Cosh, a, s); }
array tanh(const array& a, StreamOrDevice s) { return unary_float(Op::Tanh, a, s); }
array arcsinh(const array& a, StreamOrDevice s) { return unary_float(Op::ArcSinh, a, s); }
array arccosh(const array& a, StreamOrDevice s) { return unary_float(Op::ArcCosh, a, s); }
array arctanh(const array& a, StreamOrDevice s) { return unary_float(Op::ArcTanh, a, s); }

array degrees(const array& a, StreamOrDevice s) {
  require_real("degrees", a.dtype());
  return multiply(a, array(180 / std::numbers::pi, at_least_float(a.dtype())), s);
}
array radians(const array& a, StreamOrDevice s) {
  require_real("radians", a.dtype());
  return multiply(a, array(std::numbers::pi / 180, at_least_float(a.dtype())), s);
}

array conjugate(const array& a, StreamOrDevice s) {
  return a.dtype() == complex64 ? unary(Op::Conjugate, a, s) : a;
}
array real(const array& a, StreamOrDevice s) {
  return a.dtype() == complex64 ? unary(Op::Real, a, s) : a;
}
array imag(const array& a, StreamOrDevice s) {
  return a.dtype() == complex64 ? unary(Op::Imag, a, s) : zeros_like(a, s);
}

array logical_not(const array& a, StreamOrDevice s) {
  return unary(Op::LogicalNot, astype(a, bool_, s), s);
}
array bitwise_invert(const array& a, StreamOrDevice s) {
  require_integral("bitwise_invert", a.dtype());
  return a.dtype() == bool_ ? logical_not(a, s) : unary(Op::BitwiseInvert, a, s);
}

// ---- Two operands

array add(const array& a, const array& b, StreamOrDevice s) { return binary(Op::Add, a, b, s); }
array subtract(const array& a, const array& b, StreamOrDevice s) {
  return binary(Op::Subtract, a, b, s);
}
array multiply(const array& a, const array& b, StreamOrDevice s) {
  return binary(Op::Multiply, a, b, s);
}
array divide(const array& a, const array& b, StreamOrDevice s) {
  return binary_float(Op::Divide, a, b, s);
}

array floor_divide(const array& a, const array& b, StreamOrDevice s) {
  require_real("floor_divide", result_type(a, b));
  return binary(Op::FloorDivide, a, b, s);
}
array remainder(const array& a, const array& b, StreamOrDevice s) {
  require_real("remainder", result_type(a, b));
  return binary(Op::Remainder, a, b, s);
}
std::vector<array> divmod(const array& a, const array& b, StreamOrDevice s) {
  require_real("divmod", result_type(a, b));
  return {floor_divide(a, b, s), remainder(a, b, s)};
}

array power(const array& a, const array& b, StreamOrDevice s) { return binary(Op::Power, a, b, s); }
array maximum(const array& a, const array& b, StreamOrDevice s) {
  return binary(Op::Maximum, a, b, s);
}
array minimum(const array& a, const array& b, StreamOrDevice s) {
  return binary(Op::Minimum, a, b, s);
}
array logaddexp(const array& a, const array& b, StreamOrDevice s) {
  return binary_float(Op::LogAddExp, a, b, s);
}
array arctan2(const array& a, const array& b, StreamOrDevice s) {
  require_real("arctan2", result_type(a, b));
  return binary_float(Op::ArcTan2, a, b, s);
}

array logical_and(const array& a, const array& b, StreamOrDevice s) {
  return binary_bool(Op::LogicalAnd, a, b, s);
}
array logical_or(const array& a, const array& b, StreamOrDevice s) {
  return binary_bool(Op::LogicalOr, a, b, s);
}
array logical_xor(const array& a, const array& b, StreamOrDevice s) {
  return binary_bool(Op::NotEqual, a, b, s);
}

array bitwise_and(const array& a, const array& b, StreamOrDevice s) {
  return binary_bits(Op::BitwiseAnd, "bitwise_and", a, b, s);
}
array bitwise_or(const array& a, const array& b, StreamOrDevice s) {
  return binary_bits(Op::BitwiseOr, "bitwise_or", a, b, s);
}
array bitwise_xor(const array& a, const array& b, StreamOrDevice s) {
  return binary_bits(Op::BitwiseXor, "bitwise_xor", a, b, s);
}
array left_shift(const array& a, const array& b, StreamOrDevice s) {
  return shift(Op::LeftShift, "left_shift", a, b, s);
}
array right_shift(const array& a, const array& b, StreamOrDevice s) {
  return shift(Op::RightShift, "right_shift", a, b, s);
}

// ---- Three

array where(const array& condition, const array& x, const array& y, StreamOrDevice s) {
  Stream stream = to_stream(s);
  Dtype dtype = result_type(x, y);
  return elementwise_node(Op::Select, astype(condition, bool_, stream), astype(x, dtype, stream),
                          astype(y, dtype, stream), stream);
}

array clip(const array& a, const std::optional<array>& a_min, const std::optional<array>& a_max,
           StreamOrDevice s) {
  if (!a_min && !a_max) throw std::invalid_argument("[clip] At least one bound must be given.");
  array result = a_min ? maximum(a, *a_min, s) : a;
  return a_max ? minimum(result, *a_max, s) : result;
}

}  // namespace mlx::core
