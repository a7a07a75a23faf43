// Power, remainder and floor division of float32, with float64 inside. Included once for each SIMD
// target.
#if defined(MLX_ELEMENTWISE_POWER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_ELEMENTWISE_POWER_INL_H
#undef MLX_ELEMENTWISE_POWER_INL_H
#else
#define MLX_ELEMENTWISE_POWER_INL_H
#endif

#include "cpu/elementwise/logarithm-inl.h"
#include "cpu/elementwise/scalar_ops.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

/// 2^(y log2(2^exponent m)) for m in [sqrt(1/2), sqrt(2)).
HWY_INLINE DoubleVector PowerDouble(DoubleVector m, DoubleVector exponent, DoubleVector y) {
  DoubleVector one = DoubleConstant(1);
  DoubleVector s = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  DoubleVector log2 =
      DoublePolynomial(hn::Mul(s, s), 2.8853900817778506, 0.96179669411226483, 0.57707794266030445,
                       0.41220922406110608, 0.31990680380695479, 0.28288502340820642);
  log2 = hn::MulAdd(log2, s, exponent);
  // Past these bounds the result is 0 or infinity in float32.
  DoubleVector power = hn::Mul(y, log2);
  power = hn::Max(hn::Min(power, DoubleConstant(200)), DoubleConstant(-200));
  DoubleVector magic = DoubleConstant(0x1.8p52), sum = hn::Add(power, magic);
  DoubleVector f = hn::Sub(power, hn::Sub(sum, magic));
  DoubleVector result = DoublePolynomial(
      f, 0.99999999995956175, 0.69314718055683241, 0.24022651213498093, 0.055504109063258666,
      0.0096180256133180342, 0.0013333478473685415, 0.00015469729214118297, 1.5303700711365694e-5);
  // The integer in the low bits of the sum goes to where a float64 has its exponent.
  hn::RebindToUnsigned<DoubleTag> du;
  auto bits = hn::ShiftLeft<52>(hn::Add(hn::BitCast(du, sum), hn::Set(du, 1023)));
  return hn::Mul(result, hn::BitCast(DoubleTag(), bits));
}

HWY_INLINE float ScalarPower(float x, float y) { return std::pow(x, y); }

HWY_INLINE FloatVector PowerVector(FloatVector x, FloatVector y) {
  FloatVector zero = hn::Zero(FloatTag()), exponent;
  FloatVector m = SplitExponent(hn::Abs(x), exponent);
  FloatVector result = InDouble<PowerDouble>(m, exponent, y);
  // A negative base has a power only for integers; an odd one keeps the sign.
  FloatMask is_negative = hn::Lt(x, zero);
  FloatVector half = hn::Mul(y, Constant(0.5f));
  FloatMask is_odd = hn::Ne(hn::Floor(half), half);
  FloatVector mirrored = hn::IfThenElse(is_odd, hn::Neg(result), result);
  mirrored = hn::IfThenElse(hn::Eq(hn::Floor(y), y), mirrored, Constant(NAN));
  result = hn::IfThenElse(is_negative, mirrored, result);
  FloatMask inside = hn::And(hn::And(IsBounded(x), IsBounded(y)), hn::Ne(x, zero));
  return PatchLanes<ScalarPower>(inside, x, y, result);
}

HWY_INLINE float ScalarRemainder(float x, float y) { return scalar::Remainder::apply(x, y); }
HWY_INLINE float ScalarFloorDivide(float x, float y) { return scalar::FloorDivide::apply(x, y); }

/// Where the floor of the quotient is exact when taken in float64: two float32 whose quotient is no
/// integer miss every integer by 2^-25 or more, and 26 + 25 bits fit.
HWY_INLINE FloatMask HasExactQuotient(FloatVector x, FloatVector y) {
  FloatVector quotient = hn::Abs(hn::Div(x, y));
  return hn::And(hn::Lt(quotient, Constant(0x1p26f)), IsBounded(y));
}

HWY_INLINE DoubleVector FloorDivideDouble(DoubleVector x, DoubleVector y) {
  // Not every target's Floor keeps the sign of a zero.
  DoubleVector quotient = hn::Div(x, y);
  return hn::IfThenElse(hn::Eq(quotient, hn::Zero(DoubleTag())), quotient, hn::Floor(quotient));
}

HWY_INLINE DoubleVector RemainderDouble(DoubleVector x, DoubleVector y) {
  return hn::Sub(x, hn::Mul(FloorDivideDouble(x, y), y));
}

/// The remainder has the divisor's sign, as in Python; so has a zero.
HWY_INLINE FloatVector RemainderVector(FloatVector x, FloatVector y) {
  FloatVector result = hn::CopySign(InDouble<RemainderDouble>(x, y), y);
  return PatchLanes<ScalarRemainder>(HasExactQuotient(x, y), x, y, result);
}

HWY_INLINE FloatVector FloorDivideVector(FloatVector x, FloatVector y) {
  FloatVector result = InDouble<FloorDivideDouble>(x, y);
  return PatchLanes<ScalarFloorDivide>(HasExactQuotient(x, y), x, y, result);
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
