// exp and its kin in float32, within 3 ulp. Included once for each SIMD target.
#if defined(MLX_CPU_ELEMENTWISE_EXPONENTIAL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_CPU_ELEMENTWISE_EXPONENTIAL_INL_H
#undef MLX_CPU_ELEMENTWISE_EXPONENTIAL_INL_H
#else
#define MLX_CPU_ELEMENTWISE_EXPONENTIAL_INL_H
#endif

#include "cpu/elementwise/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// Splits x into n ln(2) + r with |r| <= ln(2) / 2. ln(2) is in two parts, the first of few bits,
/// so that n times it is exact (Cody and Waite).
HWY_INLINE FloatVector reduce_by_ln2(FloatVector x, IntVector& n) {
  FloatVector sum = hn::Add(hn::Mul(x, constant(0x1.715476p+0f)), constant(0x1.8p23f));
  FloatVector whole = round_by_sum(sum, n);
  FloatVector r = hn::NegMulAdd(whole, constant(0x1.62e4p-1f), x);
  return hn::NegMulAdd(whole, constant(0x1.7f7d1cp-20f), r);
}

/// 2^scale e^x. Two factors of a power of two, so that subnormal results and those near the largest
/// float need no special case.
template <int scale = 0>
HWY_INLINE FloatVector exp_vector(FloatVector x) {
  // Past these bounds the result is 0 or infinity whatever x is.
  IntVector n;
  FloatVector r = reduce_by_ln2(at_least(at_most(x, 90.0f), -105.0f), n);
  FloatVector e = polynomial(r, 1.0f, 1.0f, 0.50000000471f, 0.16666415515f, 0.041666352897f,
                             0.0083751263982f, 0.0013941108434f);
  if constexpr (scale != 0) n = hn::Add(n, hn::Set(IntTag(), scale));
  IntVector half = hn::ShiftRight<1>(n);
  return hn::Mul(hn::Mul(e, power_of_two(half)), power_of_two(hn::Sub(n, half)));
}

/// e^r - 1 after reduction, with nothing lost for small r.
HWY_INLINE FloatVector expm1_reduced(FloatVector r) {
  FloatVector p = polynomial(r, 0.5f, 0.16666666682f, 0.041666465006f, 0.0083333109345f,
                             0.0013933641032f, 0.00019890980870f);
  return hn::MulAdd(p, hn::Mul(r, r), r);
}

/// e^x - 1 for x of at most 88.
HWY_INLINE FloatVector expm1_bounded(FloatVector x) {
  IntVector n;
  FloatVector e = expm1_reduced(reduce_by_ln2(x, n));
  FloatVector power = power_of_two(n);
  return hn::MulAdd(e, power, hn::Sub(power, constant(1)));
}

HWY_INLINE FloatVector expm1_vector(FloatVector x) {
  // Below -18 the result rounds to -1; above 30 the 1 is lost.
  FloatVector small = expm1_bounded(at_most(at_least(x, -18.0f), 30.0f));
  FloatVector result = hn::IfThenElse(hn::Gt(x, constant(30)), exp_vector(x), small);
  // The sum above turns -0 into 0.
  return hn::IfThenElse(hn::Eq(x, hn::Zero(FloatTag())), x, result);
}

HWY_INLINE FloatVector tanh_vector(FloatVector x) {
  // (e^2a - 1) / (e^2a + 1); from 10 on it rounds to 1.
  FloatVector a = at_most(hn::Abs(x), 10.0f);
  FloatVector e = expm1_bounded(hn::Add(a, a));
  return hn::CopySign(hn::Div(e, hn::Add(e, constant(2))), x);
}

HWY_INLINE FloatVector sinh_vector(FloatVector x) {
  FloatVector a = hn::Abs(x);
  FloatVector e = expm1_bounded(at_most(a, 20.0f));
  FloatVector small = hn::Mul(constant(0.5f), hn::Add(e, hn::Div(e, hn::Add(e, constant(1)))));
  // e^-a is lost from 20 on; halving inside the exponential avoids an early overflow.
  FloatVector large = exp_vector<-1>(a);
  return hn::CopySign(hn::IfThenElse(hn::Gt(a, constant(20)), large, small), x);
}

HWY_INLINE FloatVector cosh_vector(FloatVector x) {
  FloatVector half = exp_vector<-1>(hn::Abs(x));
  return hn::Add(half, hn::Div(constant(0.25f), half));
}

HWY_INLINE FloatVector sigmoid_vector(FloatVector x) {
  // e^-|x| / (1 + e^-|x|) never overflows; its mirror image is 1 over the same denominator.
  FloatVector e = exp_vector(hn::Neg(hn::Abs(x)));
  FloatVector numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(FloatTag())), e, constant(1));
  return hn::Div(numerator, hn::Add(constant(1), e));
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();
#endif
