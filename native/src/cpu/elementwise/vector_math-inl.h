// What the vector functions of float32 are built from. Included once for each SIMD target.
#if defined(MLX_CPU_ELEMENTWISE_VECTOR_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_ELEMENTWISE_VECTOR_MATH_INL_H
#undef MLX_CPU_ELEMENTWISE_VECTOR_MATH_INL_H
#else
#define MLX_CPU_ELEMENTWISE_VECTOR_MATH_INL_H
#endif

#include "hwy/highway.h"

#include <cmath>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVector = hn::Vec<FloatTag>;
using FloatMask = hn::Mask<FloatTag>;
using IntTag = hn::RebindToSigned<FloatTag>;
using IntVector = hn::Vec<IntTag>;

// Half as many float32, and as many float64: for functions that need more than float32's digits.
using HalfTag = hn::Half<FloatTag>;
using DoubleTag = hn::Rebind<double, HalfTag>;
using DoubleVector = hn::Vec<DoubleTag>;

HWY_INLINE FloatVector constant(float value) { return hn::Set(FloatTag(), value); }
HWY_INLINE DoubleVector double_constant(double value) { return hn::Set(DoubleTag(), value); }
HWY_INLINE IntVector bits_of(FloatVector x) { return hn::BitCast(IntTag(), x); }
HWY_INLINE FloatVector from_bits(IntVector x) { return hn::BitCast(FloatTag(), x); }

// Targets that imitate vectors clamp to the largest float32 where hardware rounds to infinity.
#define MLX_TARGET_IS_EMULATED (HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128)

HWY_INLINE hn::Vec<HalfTag> round_to_float(DoubleVector x) {
#if MLX_TARGET_IS_EMULATED
  DoubleTag dd;
  HWY_ALIGN double wide[hn::MaxLanes(DoubleTag())];
  HWY_ALIGN float narrow[hn::MaxLanes(DoubleTag())];
  hn::Store(x, dd, wide);
  for (size_t i = 0; i < hn::Lanes(dd); ++i) narrow[i] = static_cast<float>(wide[i]);
  return hn::Load(HalfTag(), narrow);
#else
  return hn::DemoteTo(HalfTag(), x);
#endif
}

/// A function of float64 on each half of float32 vectors, rounded once.
template <auto function, typename... Vectors>
HWY_INLINE FloatVector in_double(Vectors... x) {
  DoubleTag dd;
#if HWY_TARGET == HWY_SCALAR
  return round_to_float(function(hn::PromoteTo(dd, x)...));
#else
  HalfTag dh;
  DoubleVector lower = function(hn::PromoteTo(dd, hn::LowerHalf(dh, x))...);
  DoubleVector upper = function(hn::PromoteTo(dd, hn::UpperHalf(dh, x))...);
  return hn::Combine(FloatTag(), round_to_float(upper), round_to_float(lower));
#endif
}

/// c0 + x (c1 + x (c2 + ...)).
template <typename... Rest>
HWY_INLINE FloatVector polynomial(FloatVector x, float c0, Rest... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return constant(c0);
  } else {
    return hn::MulAdd(polynomial(x, rest...), x, constant(c0));
  }
}
template <typename... Rest>
HWY_INLINE DoubleVector double_polynomial(DoubleVector x, double c0, Rest... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return double_constant(c0);
  } else {
    return hn::MulAdd(double_polynomial(x, rest...), x, double_constant(c0));
  }
}

/// The bound where x is beyond it; NaN stays NaN, which Min and Max don't promise.
HWY_INLINE FloatVector at_most(FloatVector x, float bound) {
  return hn::IfThenElse(hn::Gt(x, constant(bound)), constant(bound), x);
}
HWY_INLINE FloatVector at_least(FloatVector x, float bound) {
  return hn::IfThenElse(hn::Lt(x, constant(bound)), constant(bound), x);
}

/// Neither infinite nor NaN.
HWY_INLINE FloatMask is_bounded(FloatVector x) { return hn::Lt(hn::Abs(x), constant(INFINITY)); }

/// The nearest integer to x (|x| < 2^22) as a float and as an int. Adding 1.5 * 2^23 leaves it in
/// the low bits of the sum.
HWY_INLINE FloatVector round_by_sum(FloatVector sum, IntVector& integer) {
  integer = hn::Sub(bits_of(sum), hn::Set(IntTag(), 0x4b400000));
  return hn::Sub(sum, constant(0x1.8p23f));
}

/// 2^n for n in [-126, 127].
HWY_INLINE FloatVector power_of_two(IntVector n) {
  return from_bits(hn::ShiftLeft<23>(hn::Add(n, hn::Set(IntTag(), 127))));
}

/// Recomputes the lanes outside the range of a formula one by one.
template <float (*scalar)(float)>
HWY_INLINE FloatVector patch_lanes(FloatMask inside, FloatVector x, FloatVector y) {
  FloatTag d;
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return y;
  HWY_ALIGN float xs[hn::MaxLanes(FloatTag())], ys[hn::MaxLanes(FloatTag())];
  HWY_ALIGN float in[hn::MaxLanes(FloatTag())];
  hn::Store(x, d, xs);
  hn::Store(y, d, ys);
  hn::Store(hn::IfThenElseZero(inside, constant(1)), d, in);
  for (size_t i = 0; i < hn::Lanes(d); ++i)
    if (in[i] == 0) ys[i] = scalar(xs[i]);
  return hn::Load(d, ys);
}
template <float (*scalar)(float, float)>
HWY_INLINE FloatVector patch_lanes(FloatMask inside, FloatVector x, FloatVector y, FloatVector z) {
  FloatTag d;
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return z;
  HWY_ALIGN float xs[hn::MaxLanes(FloatTag())], ys[hn::MaxLanes(FloatTag())];
  HWY_ALIGN float zs[hn::MaxLanes(FloatTag())], in[hn::MaxLanes(FloatTag())];
  hn::Store(x, d, xs);
  hn::Store(y, d, ys);
  hn::Store(z, d, zs);
  hn::Store(hn::IfThenElseZero(inside, constant(1)), d, in);
  for (size_t i = 0; i < hn::Lanes(d); ++i)
    if (in[i] == 0) zs[i] = scalar(xs[i], ys[i]);
  return hn::Load(d, zs);
}

#undef MLX_TARGET_IS_EMULATED

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();
#endif
