// Logarithms and what is made of them in float32, within 3 ulp. Included once for each SIMD target.
#if defined(MLX_CPU_ELEMENTWISE_LOGARITHM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_ELEMENTWISE_LOGARITHM_INL_H
#undef MLX_CPU_ELEMENTWISE_LOGARITHM_INL_H
#else
#define MLX_CPU_ELEMENTWISE_LOGARITHM_INL_H
#endif

#include "cpu/elementwise/exponential-inl.h"
#include "cpu/elementwise/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// Splits a positive finite x into 2^exponent m with m in [sqrt(1/2), sqrt(2)).
HWY_INLINE FloatVector split_exponent(FloatVector x, FloatVector& exponent) {
  constexpr int32_t root_half = 0x3f3504f3;
  IntTag di;
  // Subnormals have no leading bit to find the exponent by until they are scaled up.
  FloatMask subnormal = hn::Lt(x, constant(0x1p-126f));
  x = hn::IfThenElse(subnormal, hn::Mul(x, constant(0x1p23f)), x);
  IntVector bits = hn::Sub(bits_of(x), hn::Set(di, root_half));
  exponent = hn::ConvertTo(FloatTag(), hn::ShiftRight<23>(bits));
  exponent = hn::Sub(exponent, hn::IfThenElseZero(subnormal, constant(23)));
  return from_bits(hn::Add(hn::And(bits, hn::Set(di, 0x7fffff)), hn::Set(di, root_half)));
}

/// log(1 + f) - f for f in [sqrt(1/2) - 1, sqrt(2) - 1].
HWY_INLINE FloatVector log_tail(FloatVector f) {
  FloatVector p =
      polynomial(f, 0.33333331180f, -0.24999996958f, 0.20000715749f, -0.16667802320f,
                 0.14249057646f, -0.12425687331f, 0.11685419923f, -0.11479733847f, 0.069716114715f);
  FloatVector square = hn::Mul(f, f);
  return hn::MulAdd(hn::Mul(p, f), square, hn::Mul(square, constant(-0.5f)));
}

/// The ends of every logarithm: -infinity at 0, NaN below, infinity at infinity.
HWY_INLINE FloatVector log_ends(FloatVector x, FloatVector result) {
  FloatVector zero = hn::Zero(FloatTag());
  FloatVector end = hn::IfThenElse(hn::Eq(x, zero), constant(-INFINITY),
                                   hn::IfThenElse(hn::Gt(x, zero), x, constant(NAN)));
  return hn::IfThenElse(hn::And(hn::Gt(x, zero), is_bounded(x)), result, end);
}

// ln(2) = high + low; multiples of the high part up to 2^8 are exact.
constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;

/// log(2^exponent m), given tail = log(m) - (m - 1).
HWY_INLINE FloatVector log_sum(FloatVector m, FloatVector exponent, FloatVector tail) {
  tail = hn::MulAdd(exponent, constant(ln2_low), tail);
  FloatVector f = hn::Sub(m, constant(1));
  return hn::MulAdd(exponent, constant(ln2_high), hn::Add(f, tail));
}

HWY_INLINE FloatVector log_vector(FloatVector x) {
  FloatVector exponent;
  FloatVector m = split_exponent(x, exponent);
  return log_ends(x, log_sum(m, exponent, log_tail(hn::Sub(m, constant(1)))));
}

/// The logarithm to another base: scale = 1 / ln(base), and log2 in that base in two parts.
HWY_INLINE FloatVector log_to_base(FloatVector x, float scale, float log2_high, float log2_low) {
  FloatVector exponent;
  FloatVector m = split_exponent(x, exponent);
  FloatVector f = hn::Sub(m, constant(1));
  FloatVector log = hn::Add(f, log_tail(f));
  FloatVector low = hn::MulAdd(exponent, constant(log2_low), hn::Mul(log, constant(scale)));
  return log_ends(x, hn::MulAdd(exponent, constant(log2_high), low));
}
HWY_INLINE FloatVector log2_vector(FloatVector x) {
  return log_to_base(x, 0x1.715476p+0f, 1.0f, 0.0f);
}
HWY_INLINE FloatVector log10_vector(FloatVector x) {
  return log_to_base(x, 0x1.bcb7b2p-2f, 0x1.344p-2f, 0x1.3509f8p-18f);
}

/// log(1 + x) + doublings ln(2).
HWY_INLINE FloatVector log1p_scaled(FloatVector x, FloatVector doublings) {
  FloatVector one = constant(1);
  FloatVector sum = hn::Add(x, one);
  // What rounding took from the sum, relative to the sum.
  FloatVector lost = hn::Sub(x, hn::Sub(sum, one));
  FloatVector exponent;
  FloatVector m = split_exponent(sum, exponent);
  FloatVector f = hn::Sub(m, one);
  IntVector down = hn::Neg(hn::ConvertTo(IntTag(), exponent));
  // Multiplied by 1 / (1 + f), roughly.
  FloatVector correction =
      hn::Mul(hn::Mul(lost, power_of_two(down)), hn::MulAdd(f, hn::Sub(f, one), one));
  // Far from 1 the correction is nothing, and 2^-exponent need not exist.
  correction = hn::IfThenElseZero(hn::Lt(sum, constant(0x1p60f)), correction);
  FloatVector tail = hn::Add(log_tail(f), correction);
  return log_sum(m, hn::Add(exponent, doublings), tail);
}

HWY_INLINE FloatVector log1p_vector(FloatVector x) {
  FloatVector result = log_ends(hn::Add(x, constant(1)), log1p_scaled(x, hn::Zero(FloatTag())));
  return hn::IfThenElse(hn::Eq(x, hn::Zero(FloatTag())), x, result);
}

HWY_INLINE FloatVector arc_sinh_vector(FloatVector x) {
  FloatVector one = constant(1), a = hn::Abs(x);
  // log(a + sqrt(a^2 + 1)), where a^2 does not overflow, or else log(2a).
  FloatMask large = hn::Gt(a, constant(0x1p30f));
  FloatVector square = hn::Mul(a, a);
  FloatVector root = hn::Sqrt(hn::Add(square, one));
  FloatVector rest = hn::Add(a, hn::Div(square, hn::Add(one, root)));
  FloatVector result = log1p_scaled(hn::IfThenElse(large, a, rest), hn::IfThenElseZero(large, one));
  result = hn::IfThenElse(is_bounded(a), result, a);
  return hn::CopySign(result, x);
}

HWY_INLINE FloatVector arc_cosh_vector(FloatVector x) {
  FloatVector one = constant(1), t = hn::Sub(x, one);
  FloatMask large = hn::Gt(x, constant(0x1p30f));
  FloatVector rest = hn::Add(t, hn::Sqrt(hn::MulAdd(t, t, hn::Add(t, t))));
  FloatVector result = log1p_scaled(hn::IfThenElse(large, t, rest), hn::IfThenElseZero(large, one));
  result = hn::IfThenElse(hn::Ge(x, one), result, constant(NAN));
  return hn::IfThenElse(is_bounded(x), result, hn::IfThenElse(hn::Lt(x, one), constant(NAN), x));
}

HWY_INLINE FloatVector arc_tanh_vector(FloatVector x) {
  FloatVector one = constant(1), a = hn::Abs(x);
  FloatVector ratio = hn::Div(hn::Add(a, a), hn::Sub(one, a));
  FloatVector result = hn::Mul(constant(0.5f), log1p_scaled(ratio, hn::Zero(FloatTag())));
  result = hn::IfThenElse(hn::Lt(a, one), result,
                          hn::IfThenElse(hn::Eq(a, one), constant(INFINITY), constant(NAN)));
  return hn::CopySign(result, x);
}

/// log(e^x + e^y).
HWY_INLINE FloatVector log_add_exp_vector(FloatVector x, FloatVector y) {
  FloatMask first = hn::Or(hn::Gt(x, y), hn::IsNaN(x));
  FloatVector high = hn::IfThenElse(first, x, y);
  // Two equal infinities have no difference.
  FloatVector difference = hn::IfThenElseZero(hn::Ne(x, y), hn::Neg(hn::Abs(hn::Sub(x, y))));
  FloatVector log = log1p_scaled(exp_vector(difference), hn::Zero(FloatTag()));
  return hn::Add(high, hn::IfThenElse(hn::IsNaN(difference), difference, log));
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();
#endif
