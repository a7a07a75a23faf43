// The error function and its inverse in float32. Included once for each SIMD target.
#if defined(MLX_CPU_ELEMENTWISE_ERROR_FUNCTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_ELEMENTWISE_ERROR_FUNCTION_INL_H
#undef MLX_CPU_ELEMENTWISE_ERROR_FUNCTION_INL_H
#else
#define MLX_CPU_ELEMENTWISE_ERROR_FUNCTION_INL_H
#endif

#include "cpu/elementwise/logarithm-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

HWY_INLINE FloatVector erf_vector(FloatVector x) {
  // From 4 on the result rounds to 1.
  FloatVector a = at_most(hn::Abs(x), 4.0f);
  FloatVector small =
      polynomial(hn::Mul(a, a), 0.12837916679f, -0.37612635194f, 0.11283718050f, -0.026860664791f,
                 0.0052042266938f, -0.00081796321809f, 8.5294013228e-5f);
  small = hn::MulAdd(small, a, a);
  FloatVector log_of_rest = polynomial(a, 0.00031853966241f, -1.1302310552f, -0.63182391811f,
                                       -0.11008716650f, 0.026427637154f, -0.0047626258325f,
                                       0.00059758577023f, -4.6163858625e-5f, 1.6430636557e-6f);
  FloatVector large = hn::Sub(constant(1), exp_vector(log_of_rest));
  return hn::CopySign(hn::IfThenElse(hn::Lt(a, constant(0.9f)), small, large), x);
}

HWY_INLINE FloatVector erf_inv_vector(FloatVector x) {
  // N. Juffa's minimax polynomials in log(1 - x^2): stackoverflow.com/questions/27229371.
  FloatVector one = constant(1), a = hn::Abs(x);
  FloatVector t = log_vector(hn::Mul(hn::Sub(one, a), hn::Add(one, a)));
  FloatVector tail =
      polynomial(t, 8.40016484e-1f, -2.64646143e-1f, 4.83185798e-3f, 3.02698812e-3f, 3.93552968e-4f,
                 2.84108955e-5f, 1.22150334e-6f, 2.93243101e-8f, 3.03697567e-10f);
  FloatVector center = polynomial(t, 8.86226892e-1f, -2.32015476e-1f, 1.15392581e-2f,
                                  2.31468678e-3f, -1.47697632e-4f, -5.61530760e-5f, 1.12963626e-7f,
                                  1.22774793e-6f, 1.43285448e-7f, 5.43877832e-9f);
  FloatVector result = hn::Mul(x, hn::IfThenElse(hn::Lt(t, constant(-6.125f)), tail, center));
  // The ends are infinite, and beyond them the function is not defined.
  result = hn::IfThenElse(hn::Lt(a, one), result, constant(NAN));
  return hn::IfThenElse(hn::Eq(a, one), hn::CopySign(constant(INFINITY), x), result);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();
#endif
