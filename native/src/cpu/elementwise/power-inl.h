// Power, remainder and floor division of float32, with float64 inside. Included once for each SIMD
// target.
#if defined(MLX_CPU_ELEMENTWISE_POWER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_ELEMENTWISE_POWER_INL_H
#undef MLX_CPU_ELEMENTWISE_POWER_INL_H
#else
#define MLX_CPU_ELEMENTWISE_POWER_INL_H
#endif

#include "cpu/elementwise/logarithm-inl.h"
#include "cpu/elementwise/scalar_ops.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// 2^(y log2(2^exponent m)) for m in [sqrt(1/2), sqrt(2)).
HWY_INLINE DoubleVector power_double(DoubleVector m, DoubleVector exponent, DoubleVector y) {
  DoubleVector one = double_constant(1);
  DoubleVector s = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  DoubleVector log2 =
      double_polynomial(hn::Mul(s, s), 2.8853900817778506, 0.96179669411226483, 0.57707794266030445,
                        0.41220922406110608, 0.31990680380695479, 0.28288502340820642);
  log2 = hn::MulAdd(log2, s, exponent);
  // Past these bounds the result is 0 or infinity in float32.
  DoubleVector power = hn::Mul(y, log2);
  power = hn::Max(hn::Min(power, double_constant(200)), double_constant(-200));
  DoubleVector magic = double_constant(0x1.8p52), sum = hn::Add(power, magic);
  DoubleVector f = hn::Sub(power, hn::Sub(sum, magic));
  DoubleVector result = double_polynomial(
      f, 0.99999999995956175, 0.69314718055683241, 0.24022651213498093, 0.055504109063258666,
      0.0096180256133180342, 0.0013333478473685415, 0.00015469729214118297, 1.5303700711365694e-5);
  // The integer in the low bits of the sum goes to where a float64 has its exponent.
  hn::RebindToUnsigned<DoubleTag> du;
  auto bits = hn::ShiftLeft<52>(hn::Add(hn::BitCast(du, sum), hn::Set(du, 1023)));
  return hn::Mul(result, hn::BitCast(DoubleTag(), bits));
}

HWY_INLINE float scalar_power(float x, float y) { return std::pow(x, y); }

HWY_INLINE FloatVector power_vector(FloatVector x, FloatVector y) {
  FloatVector zero = hn::Zero(FloatTag()), exponent;
  FloatVector m = split_exponent(hn::Abs(x), exponent);
  FloatVector result = in_double<power_double>(m, exponent, y);
  // A negative base has a power only for integers; an odd one keeps the sign.
  FloatMask is_negative = hn::Lt(x, zero);
  FloatVector half = hn::Mul(y, constant(0.5f));
  FloatMask is_odd = hn::Ne(hn::Floor(half), half);
  FloatVector mirrored = hn::IfThenElse(is_odd, hn::Neg(result), result);
  mirrored = hn::IfThenElse(hn::Eq(hn::Floor(y), y), mirrored, constant(NAN));
  result = hn::IfThenElse(is_negative, mirrored, result);
  FloatMask inside = hn::And(hn::And(is_bounded(x), is_bounded(y)), hn::Ne(x, zero));
  return patch_lanes<scalar_power>(inside, x, y, result);
}

HWY_INLINE float scalar_remainder(float x, float y) { return scalar::Remainder::apply(x, y); }
HWY_INLINE float scalar_floor_divide(float x, float y) { return scalar::FloorDivide::apply(x, y); }

/// Where the floor of the quotient is exact when taken in float64: two float32 whose quotient is no
/// integer miss every integer by 2^-25 or more, and 26 + 25 bits fit.
HWY_INLINE FloatMask has_exact_quotient(FloatVector x, FloatVector y) {
  FloatVector quotient = hn::Abs(hn::Div(x, y));
  return hn::And(hn::Lt(quotient, constant(0x1p26f)), is_bounded(y));
}

HWY_INLINE DoubleVector floor_divide_double(DoubleVector x, DoubleVector y) {
  // Not every target's Floor keeps the sign of a zero.
  DoubleVector quotient = hn::Div(x, y);
  return hn::IfThenElse(hn::Eq(quotient, hn::Zero(DoubleTag())), quotient, hn::Floor(quotient));
}

HWY_INLINE DoubleVector remainder_double(DoubleVector x, DoubleVector y) {
  return hn::Sub(x, hn::Mul(floor_divide_double(x, y), y));
}

/// The remainder has the divisor's sign, as in Python; so has a zero.
HWY_INLINE FloatVector remainder_vector(FloatVector x, FloatVector y) {
  FloatVector result = hn::CopySign(in_double<remainder_double>(x, y), y);
  return patch_lanes<scalar_remainder>(has_exact_quotient(x, y), x, y, result);
}

HWY_INLINE FloatVector floor_divide_vector(FloatVector x, FloatVector y) {
  FloatVector result = in_double<floor_divide_double>(x, y);
  return patch_lanes<scalar_floor_divide>(has_exact_quotient(x, y), x, y, result);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();
#endif
