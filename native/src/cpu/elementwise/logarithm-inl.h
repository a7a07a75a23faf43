// Logarithms and what is made of them in float32, within 3 ulp. Included once for each SIMD target.
#if defined(MLX_ELEMENTWISE_LOGARITHM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_ELEMENTWISE_LOGARITHM_INL_H
#undef MLX_ELEMENTWISE_LOGARITHM_INL_H
#else
#define MLX_ELEMENTWISE_LOGARITHM_INL_H
#endif

#include "cpu/elementwise/exponential-inl.h"
#include "cpu/elementwise/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

/// Splits a positive finite x into 2^exponent m with m in [sqrt(1/2), sqrt(2)).
HWY_INLINE FloatVector SplitExponent(FloatVector x, FloatVector& exponent) {
  constexpr int32_t root_half = 0x3f3504f3;
  IntTag di;
  // Subnormals have no leading bit to find the exponent by until they are scaled up.
  FloatMask subnormal = hn::Lt(x, Constant(0x1p-126f));
  x = hn::IfThenElse(subnormal, hn::Mul(x, Constant(0x1p23f)), x);
  IntVector bits = hn::Sub(Bits(x), hn::Set(di, root_half));
  exponent = hn::ConvertTo(FloatTag(), hn::ShiftRight<23>(bits));
  exponent = hn::Sub(exponent, hn::IfThenElseZero(subnormal, Constant(23)));
  return FromBits(hn::Add(hn::And(bits, hn::Set(di, 0x7fffff)), hn::Set(di, root_half)));
}

/// log(1 + f) - f for f in [sqrt(1/2) - 1, sqrt(2) - 1].
HWY_INLINE FloatVector LogTail(FloatVector f) {
  FloatVector p =
      Polynomial(f, 0.33333331180f, -0.24999996958f, 0.20000715749f, -0.16667802320f,
                 0.14249057646f, -0.12425687331f, 0.11685419923f, -0.11479733847f, 0.069716114715f);
  FloatVector square = hn::Mul(f, f);
  return hn::MulAdd(hn::Mul(p, f), square, hn::Mul(square, Constant(-0.5f)));
}

/// The ends of every logarithm: -infinity at 0, NaN below, infinity at infinity.
HWY_INLINE FloatVector LogEnds(FloatVector x, FloatVector result) {
  FloatVector zero = hn::Zero(FloatTag());
  FloatVector end = hn::IfThenElse(hn::Eq(x, zero), Constant(-INFINITY),
                                   hn::IfThenElse(hn::Gt(x, zero), x, Constant(NAN)));
  return hn::IfThenElse(hn::And(hn::Gt(x, zero), IsBounded(x)), result, end);
}

// ln(2) = high + low; multiples of the high part up to 2^8 are exact.
constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;

/// log(2^exponent m), given tail = log(m) - (m - 1).
HWY_INLINE FloatVector LogSum(FloatVector m, FloatVector exponent, FloatVector tail) {
  tail = hn::MulAdd(exponent, Constant(ln2_low), tail);
  FloatVector f = hn::Sub(m, Constant(1));
  return hn::MulAdd(exponent, Constant(ln2_high), hn::Add(f, tail));
}

HWY_INLINE FloatVector LogVector(FloatVector x) {
  FloatVector exponent;
  FloatVector m = SplitExponent(x, exponent);
  return LogEnds(x, LogSum(m, exponent, LogTail(hn::Sub(m, Constant(1)))));
}

/// The logarithm to another base: scale = 1 / ln(base), and log2 in that base in two parts.
HWY_INLINE FloatVector LogToBase(FloatVector x, float scale, float log2_high, float log2_low) {
  FloatVector exponent;
  FloatVector m = SplitExponent(x, exponent);
  FloatVector f = hn::Sub(m, Constant(1));
  FloatVector log = hn::Add(f, LogTail(f));
  FloatVector low = hn::MulAdd(exponent, Constant(log2_low), hn::Mul(log, Constant(scale)));
  return LogEnds(x, hn::MulAdd(exponent, Constant(log2_high), low));
}
HWY_INLINE FloatVector Log2Vector(FloatVector x) {
  return LogToBase(x, 0x1.715476p+0f, 1.0f, 0.0f);
}
HWY_INLINE FloatVector Log10Vector(FloatVector x) {
  return LogToBase(x, 0x1.bcb7b2p-2f, 0x1.344p-2f, 0x1.3509f8p-18f);
}

/// log(1 + x) + doublings ln(2).
HWY_INLINE FloatVector Log1pScaled(FloatVector x, FloatVector doublings) {
  FloatVector one = Constant(1);
  FloatVector sum = hn::Add(x, one);
  // What rounding took from the sum, relative to the sum.
  FloatVector lost = hn::Sub(x, hn::Sub(sum, one));
  FloatVector exponent;
  FloatVector m = SplitExponent(sum, exponent);
  FloatVector f = hn::Sub(m, one);
  IntVector down = hn::Neg(hn::ConvertTo(IntTag(), exponent));
  // Multiplied by 1 / (1 + f), roughly.
  FloatVector correction =
      hn::Mul(hn::Mul(lost, PowerOfTwo(down)), hn::MulAdd(f, hn::Sub(f, one), one));
  // Far from 1 the correction is nothing, and 2^-exponent need not exist.
  correction = hn::IfThenElseZero(hn::Lt(sum, Constant(0x1p60f)), correction);
  FloatVector tail = hn::Add(LogTail(f), correction);
  return LogSum(m, hn::Add(exponent, doublings), tail);
}

HWY_INLINE FloatVector Log1pVector(FloatVector x) {
  FloatVector result = LogEnds(hn::Add(x, Constant(1)), Log1pScaled(x, hn::Zero(FloatTag())));
  return hn::IfThenElse(hn::Eq(x, hn::Zero(FloatTag())), x, result);
}

HWY_INLINE FloatVector ArcSinhVector(FloatVector x) {
  FloatVector one = Constant(1), a = hn::Abs(x);
  // log(a + sqrt(a^2 + 1)), where a^2 does not overflow, or else log(2a).
  FloatMask large = hn::Gt(a, Constant(0x1p30f));
  FloatVector square = hn::Mul(a, a);
  FloatVector root = hn::Sqrt(hn::Add(square, one));
  FloatVector rest = hn::Add(a, hn::Div(square, hn::Add(one, root)));
  FloatVector result = Log1pScaled(hn::IfThenElse(large, a, rest), hn::IfThenElseZero(large, one));
  result = hn::IfThenElse(IsBounded(a), result, a);
  return hn::CopySign(result, x);
}

HWY_INLINE FloatVector ArcCoshVector(FloatVector x) {
  FloatVector one = Constant(1), t = hn::Sub(x, one);
  FloatMask large = hn::Gt(x, Constant(0x1p30f));
  FloatVector rest = hn::Add(t, hn::Sqrt(hn::MulAdd(t, t, hn::Add(t, t))));
  FloatVector result = Log1pScaled(hn::IfThenElse(large, t, rest), hn::IfThenElseZero(large, one));
  result = hn::IfThenElse(hn::Ge(x, one), result, Constant(NAN));
  return hn::IfThenElse(IsBounded(x), result, hn::IfThenElse(hn::Lt(x, one), Constant(NAN), x));
}

HWY_INLINE FloatVector ArcTanhVector(FloatVector x) {
  FloatVector one = Constant(1), a = hn::Abs(x);
  FloatVector ratio = hn::Div(hn::Add(a, a), hn::Sub(one, a));
  FloatVector result = hn::Mul(Constant(0.5f), Log1pScaled(ratio, hn::Zero(FloatTag())));
  result = hn::IfThenElse(hn::Lt(a, one), result,
                          hn::IfThenElse(hn::Eq(a, one), Constant(INFINITY), Constant(NAN)));
  return hn::CopySign(result, x);
}

/// log(e^x + e^y).
HWY_INLINE FloatVector LogAddExpVector(FloatVector x, FloatVector y) {
  FloatMask first = hn::Or(hn::Gt(x, y), hn::IsNaN(x));
  FloatVector high = hn::IfThenElse(first, x, y);
  // Two equal infinities have no difference.
  FloatVector difference = hn::IfThenElseZero(hn::Ne(x, y), hn::Neg(hn::Abs(hn::Sub(x, y))));
  FloatVector log = Log1pScaled(ExpVector(difference), hn::Zero(FloatTag()));
  return hn::Add(high, hn::IfThenElse(hn::IsNaN(difference), difference, log));
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
