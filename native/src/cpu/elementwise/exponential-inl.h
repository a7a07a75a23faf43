// exp and its kin in float32, within 3 ulp. Included once for each SIMD target.
#if defined(MLX_ELEMENTWISE_EXPONENTIAL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_ELEMENTWISE_EXPONENTIAL_INL_H
#undef MLX_ELEMENTWISE_EXPONENTIAL_INL_H
#else
#define MLX_ELEMENTWISE_EXPONENTIAL_INL_H
#endif

#include "cpu/elementwise/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {

/// Splits x into n ln(2) + r with |r| <= ln(2) / 2. ln(2) is in two parts, the first of few bits,
/// so that n times it is exact (Cody and Waite).
HWY_INLINE FloatVector ReduceByLn2(FloatVector x, IntVector& n) {
  FloatVector sum = hn::Add(hn::Mul(x, Constant(0x1.715476p+0f)), Constant(0x1.8p23f));
  FloatVector whole = RoundBySum(sum, n);
  FloatVector r = hn::NegMulAdd(whole, Constant(0x1.62e4p-1f), x);
  return hn::NegMulAdd(whole, Constant(0x1.7f7d1cp-20f), r);
}

/// 2^scale e^x. Two factors of a power of two, so that subnormal results and those near the largest
/// float need no special case.
template <int scale = 0>
HWY_INLINE FloatVector ExpVector(FloatVector x) {
  // Past these bounds the result is 0 or infinity whatever x is.
  IntVector n;
  FloatVector r = ReduceByLn2(AtLeast(AtMost(x, 90.0f), -105.0f), n);
  FloatVector e = Polynomial(r, 1.0f, 1.0f, 0.50000000471f, 0.16666415515f, 0.041666352897f,
                             0.0083751263982f, 0.0013941108434f);
  if constexpr (scale != 0) n = hn::Add(n, hn::Set(IntTag(), scale));
  IntVector half = hn::ShiftRight<1>(n);
  return hn::Mul(hn::Mul(e, PowerOfTwo(half)), PowerOfTwo(hn::Sub(n, half)));
}

/// e^r - 1 after reduction, with nothing lost for small r.
HWY_INLINE FloatVector Expm1Reduced(FloatVector r) {
  FloatVector p = Polynomial(r, 0.5f, 0.16666666682f, 0.041666465006f, 0.0083333109345f,
                             0.0013933641032f, 0.00019890980870f);
  return hn::MulAdd(p, hn::Mul(r, r), r);
}

/// e^x - 1 for x of at most 88.
HWY_INLINE FloatVector Expm1Bounded(FloatVector x) {
  IntVector n;
  FloatVector e = Expm1Reduced(ReduceByLn2(x, n));
  FloatVector power = PowerOfTwo(n);
  return hn::MulAdd(e, power, hn::Sub(power, Constant(1)));
}

HWY_INLINE FloatVector Expm1Vector(FloatVector x) {
  // Below -18 the result rounds to -1; above 30 the 1 is lost.
  FloatVector small = Expm1Bounded(AtMost(AtLeast(x, -18.0f), 30.0f));
  FloatVector result = hn::IfThenElse(hn::Gt(x, Constant(30)), ExpVector(x), small);
  // The sum above turns -0 into 0.
  return hn::IfThenElse(hn::Eq(x, hn::Zero(FloatTag())), x, result);
}

HWY_INLINE FloatVector TanhVector(FloatVector x) {
  // (e^2a - 1) / (e^2a + 1); from 10 on it rounds to 1.
  FloatVector a = AtMost(hn::Abs(x), 10.0f);
  FloatVector e = Expm1Bounded(hn::Add(a, a));
  return hn::CopySign(hn::Div(e, hn::Add(e, Constant(2))), x);
}

HWY_INLINE FloatVector SinhVector(FloatVector x) {
  FloatVector a = hn::Abs(x);
  FloatVector e = Expm1Bounded(AtMost(a, 20.0f));
  FloatVector small = hn::Mul(Constant(0.5f), hn::Add(e, hn::Div(e, hn::Add(e, Constant(1)))));
  // e^-a is lost from 20 on; halving inside the exponential avoids an early overflow.
  FloatVector large = ExpVector<-1>(a);
  return hn::CopySign(hn::IfThenElse(hn::Gt(a, Constant(20)), large, small), x);
}

HWY_INLINE FloatVector CoshVector(FloatVector x) {
  FloatVector half = ExpVector<-1>(hn::Abs(x));
  return hn::Add(half, hn::Div(Constant(0.25f), half));
}

HWY_INLINE FloatVector SigmoidVector(FloatVector x) {
  // e^-|x| / (1 + e^-|x|) never overflows; its mirror image is 1 over the same denominator.
  FloatVector e = ExpVector(hn::Neg(hn::Abs(x)));
  FloatVector numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(FloatTag())), e, Constant(1));
  return hn::Div(numerator, hn::Add(Constant(1), e));
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
