// Trigonometric functions in float32, within 3 ulp. Included once for each SIMD target.
#if defined(MLX_CPU_ELEMENTWISE_TRIGONOMETRIC_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_ELEMENTWISE_TRIGONOMETRIC_INL_H
#undef MLX_CPU_ELEMENTWISE_TRIGONOMETRIC_INL_H
#else
#define MLX_CPU_ELEMENTWISE_TRIGONOMETRIC_INL_H
#endif

#include "cpu/elementwise/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

// Up to here the number of quarter turns has 20 bits, and its product with the first part of pi / 2
// is exact in float64.
constexpr float largest_reducible = 1.6e6f;

HWY_INLINE DoubleVector subtract_quarters(DoubleVector x, DoubleVector quarters) {
  DoubleVector r = hn::NegMulAdd(quarters, double_constant(0x1.921fb544p+0), x);
  return hn::NegMulAdd(quarters, double_constant(0x1.0b4611a626331p-34), r);
}

/// x less a multiple of pi / 2 close to it, with the multiple's number. The number is found in
/// float32, so for the largest x the rest may exceed pi / 4 by a tenth.
HWY_INLINE FloatVector reduce_by_half_pi(FloatVector x, IntVector& quarters) {
  FloatVector whole =
      round_by_sum(hn::MulAdd(x, constant(0x1.45f306p-1f), constant(0x1.8p23f)), quarters);
  return in_double<subtract_quarters>(x, whole);
}

/// The sine a number of quarter turns ahead.
HWY_INLINE FloatVector sin_reduced(FloatVector r, IntVector quarters) {
  FloatVector square = hn::Mul(r, r);
  FloatVector sine =
      polynomial(square, -0.16666666659f, 0.0083333303457f, -0.00019839362704f, 2.7167239329e-6f);
  sine = hn::MulAdd(sine, hn::Mul(square, r), r);
  FloatVector cosine =
      polynomial(square, 0.041666666661f, -0.0013888886396f, 2.4799995966e-5f, -2.7231932036e-7f);
  cosine = hn::MulAdd(cosine, hn::Mul(square, square),
                      hn::NegMulAdd(square, constant(0.5f), constant(1)));
  IntTag di;
  FloatMask is_odd = hn::RebindMask(FloatTag(), hn::TestBit(quarters, hn::Set(di, 1)));
  FloatVector result = hn::IfThenElse(is_odd, cosine, sine);
  // The second bit says which half of the circle it is: it becomes the sign.
  IntVector sign = hn::ShiftLeft<30>(hn::And(quarters, hn::Set(di, 2)));
  return from_bits(hn::Xor(bits_of(result), sign));
}

HWY_INLINE float scalar_sin(float x) { return std::sin(x); }
HWY_INLINE float scalar_cos(float x) { return std::cos(x); }
HWY_INLINE float scalar_tan(float x) { return std::tan(x); }

HWY_INLINE FloatMask is_reducible(FloatVector x) {
  return hn::Le(hn::Abs(x), constant(largest_reducible));
}

HWY_INLINE FloatVector sin_vector(FloatVector x) {
  IntVector quarters;
  FloatVector r = reduce_by_half_pi(x, quarters);
  // The polynomial turns -0 into 0.
  FloatVector sine = hn::IfThenElse(hn::Eq(x, hn::Zero(FloatTag())), x, sin_reduced(r, quarters));
  return patch_lanes<scalar_sin>(is_reducible(x), x, sine);
}

HWY_INLINE FloatVector cos_vector(FloatVector x) {
  IntVector quarters;
  FloatVector r = reduce_by_half_pi(x, quarters);
  quarters = hn::Add(quarters, hn::Set(IntTag(), 1));
  return patch_lanes<scalar_cos>(is_reducible(x), x, sin_reduced(r, quarters));
}

HWY_INLINE FloatVector tan_vector(FloatVector x) {
  IntVector quarters;
  FloatVector r = reduce_by_half_pi(x, quarters);
  FloatVector square = hn::Mul(r, r);
  FloatVector tangent =
      polynomial(square, 0.33333332887f, 0.13333406061f, 0.053949017852f, 0.022061004852f,
                 0.0079420236970f, 0.0059369240018f, -0.0016916173366f, 0.0025311543725f);
  tangent = hn::MulAdd(tangent, hn::Mul(square, r), r);
  FloatMask is_odd = hn::RebindMask(FloatTag(), hn::TestBit(quarters, hn::Set(IntTag(), 1)));
  tangent = hn::IfThenElse(is_odd, hn::Div(constant(-1), tangent), tangent);
  return patch_lanes<scalar_tan>(is_reducible(x), x, tangent);
}

// pi / 2 = high + low.
constexpr float half_pi_high = 0x1.921fb6p+0f, half_pi_low = -0x1.777a5cp-25f;

/// asin(|x|) for |x| <= 1/2, and beyond that asin(sqrt((1 - |x|) / 2)), which is half of what is
/// missing to pi / 2.
HWY_INLINE FloatVector arc_sin_reduced(FloatVector x, FloatMask& is_large) {
  FloatVector a = hn::Abs(x);
  is_large = hn::Gt(a, constant(0.5f));
  FloatVector half_gap = hn::NegMulAdd(a, constant(0.5f), constant(0.5f));
  FloatVector square = hn::IfThenElse(is_large, half_gap, hn::Mul(a, a));
  FloatVector z = hn::IfThenElse(is_large, hn::Sqrt(half_gap), a);
  FloatVector p = polynomial(square, 0.16666666337f, 0.075000945435f, 0.044599401529f,
                             0.031100662736f, 0.017149238358f, 0.033690847203f);
  return hn::MulAdd(p, hn::Mul(square, z), z);
}

HWY_INLINE FloatVector arc_sin_vector(FloatVector x) {
  FloatMask is_large;
  FloatVector angle = arc_sin_reduced(x, is_large);
  FloatVector complement =
      hn::Add(hn::Sub(constant(half_pi_high), hn::Add(angle, angle)), constant(half_pi_low));
  return hn::CopySign(hn::IfThenElse(is_large, complement, angle), x);
}

HWY_INLINE FloatVector arc_cos_vector(FloatVector x) {
  FloatMask is_large;
  FloatVector angle = arc_sin_reduced(x, is_large);
  FloatMask is_negative = hn::Lt(x, hn::Zero(FloatTag()));
  FloatVector doubled = hn::Add(angle, angle);
  FloatVector mirrored =
      hn::Add(hn::Sub(constant(2 * half_pi_high), doubled), constant(2 * half_pi_low));
  FloatVector large = hn::IfThenElse(is_negative, mirrored, doubled);
  FloatVector small =
      hn::Sub(constant(half_pi_high), hn::Sub(hn::CopySign(angle, x), constant(half_pi_low)));
  return hn::IfThenElse(is_large, large, small);
}

/// atan(x) for x in [0, 1].
HWY_INLINE FloatVector arc_tan_reduced(FloatVector x) {
  FloatVector square = hn::Mul(x, x);
  FloatVector p = polynomial(square, -0.33333331733f, 0.19999739330f, -0.14278568748f,
                             0.11033764115f, -0.086568804302f, 0.062501694447f, -0.035871538982f,
                             0.013507771427f, -0.0023869973167f);
  return hn::MulAdd(p, hn::Mul(square, x), x);
}

HWY_INLINE FloatVector arc_tan_vector(FloatVector x) {
  FloatVector one = constant(1), a = hn::Abs(x);
  FloatMask is_steep = hn::Gt(a, one);
  FloatVector angle = arc_tan_reduced(hn::IfThenElse(is_steep, hn::Div(one, a), a));
  FloatVector steep = hn::Sub(constant(half_pi_high), hn::Sub(angle, constant(half_pi_low)));
  return hn::CopySign(hn::IfThenElse(is_steep, steep, angle), x);
}

HWY_INLINE FloatVector arc_tan2_vector(FloatVector y, FloatVector x) {
  FloatVector a = hn::Abs(y), b = hn::Abs(x), zero = hn::Zero(FloatTag());
  FloatMask is_steep = hn::Gt(a, b);
  FloatVector longer = hn::IfThenElse(is_steep, a, b), shorter = hn::IfThenElse(is_steep, b, a);
  // Equal sides are 45 degrees also when infinite, and two zeros have the slope 0.
  FloatVector slope = hn::IfThenElse(hn::Eq(a, b), constant(1), hn::Div(shorter, longer));
  slope = hn::IfThenElse(hn::Eq(longer, zero), zero, slope);
  FloatVector angle = arc_tan_reduced(slope);
  // From here to the axis that the angle is measured from, and back from it in its direction.
  FloatMask is_left = hn::RebindMask(FloatTag(), hn::Lt(bits_of(x), hn::Zero(IntTag())));
  FloatVector quarters =
      hn::IfThenElse(is_steep, constant(1), hn::IfThenElseZero(is_left, constant(2)));
  FloatMask is_backwards = hn::Xor(is_steep, is_left);
  angle = hn::IfThenElse(is_backwards, hn::Neg(angle), angle);
  angle = hn::MulAdd(quarters, constant(half_pi_low), angle);
  FloatVector result = hn::MulAdd(quarters, constant(half_pi_high), angle);
  result = hn::IfThenElse(hn::Or(hn::IsNaN(x), hn::IsNaN(y)), constant(NAN), result);
  return hn::CopySign(result, y);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();
#endif
