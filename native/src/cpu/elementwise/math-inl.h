// float32 functions on SIMD vectors, within 4 ulp. Included once for each SIMD target.
#if defined(MLX_ELEMENTWISE_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef MLX_ELEMENTWISE_MATH_INL_H
#undef MLX_ELEMENTWISE_MATH_INL_H
#else
#define MLX_ELEMENTWISE_MATH_INL_H
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace mlx::core::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVector = hn::Vec<FloatTag>;

HWY_INLINE FloatVector Constant(float value) { return hn::Set(FloatTag(), value); }

/// c0 + x (c1 + x (c2 + ...)).
template <typename... Rest>
HWY_INLINE FloatVector Polynomial(FloatVector x, float c0, Rest... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return Constant(c0);
  } else {
    return hn::MulAdd(Polynomial(x, rest...), x, Constant(c0));
  }
}

/// Recomputes the lanes outside a formula's range one by one.
template <typename Scalar>
HWY_INLINE FloatVector PatchLanes(hn::Mask<FloatTag> inside, FloatVector x, FloatVector y,
                                  Scalar scalar) {
  FloatTag d;
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return y;
  HWY_ALIGN float xs[hn::MaxLanes(FloatTag())], ys[hn::MaxLanes(FloatTag())];
  HWY_ALIGN float in[hn::MaxLanes(FloatTag())];
  hn::Store(x, d, xs);
  hn::Store(y, d, ys);
  hn::Store(hn::IfThenElseZero(inside, Constant(1)), d, in);
  for (size_t i = 0; i < hn::Lanes(d); ++i)
    if (in[i] == 0) ys[i] = scalar(xs[i]);
  return hn::Load(d, ys);
}

HWY_INLINE hn::Mask<FloatTag> Between(FloatVector x, float low, float high) {
  return hn::And(hn::Ge(x, Constant(low)), hn::Le(x, Constant(high)));
}

/// 2^n for integers n in [-126, 127], given as floats.
HWY_INLINE FloatVector PowerOfTwo(FloatVector n) {
  FloatTag d;
  hn::RebindToSigned<FloatTag> di;
  auto exponent = hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127));
  return hn::BitCast(d, hn::ShiftLeft<23>(exponent));
}

/// exp(r) for |r| <= ln(2) / 2: the Taylor series, whose next term is below half an ulp.
HWY_INLINE FloatVector ExpReduced(FloatVector r) {
  return Polynomial(r, 1.0f, 1.0f, 0.5f, 1.0f / 6, 1.0f / 24, 1.0f / 120, 1.0f / 720, 1.0f / 5040);
}

/// Splits x into n ln(2) + r (Cody and Waite: ln(2) in two parts).
HWY_INLINE FloatVector ReduceByLn2(FloatVector x, FloatVector& n) {
  n = hn::Round(hn::Mul(x, Constant(1.44269504f)));
  FloatVector r = hn::NegMulAdd(n, Constant(0x1.62e4p-1f), x);
  return hn::NegMulAdd(n, Constant(0x1.7f7d1cp-20f), r);
}

HWY_INLINE FloatVector ExpVector(FloatVector x) {
  // Past these bounds the result is 0 or infinity; NaN fails every comparison and stays.
  FloatVector bounded = hn::IfThenElse(hn::Lt(x, Constant(-104.0f)), Constant(-104.0f), x);
  bounded = hn::IfThenElse(hn::Gt(x, Constant(89.0f)), Constant(89.0f), bounded);
  FloatVector n;
  FloatVector r = ReduceByLn2(bounded, n);
  // In two steps, so that subnormal results and 2^128 need no special case.
  FloatVector half = hn::Floor(hn::Mul(n, Constant(0.5f)));
  FloatVector result =
      hn::Mul(hn::Mul(ExpReduced(r), PowerOfTwo(half)), PowerOfTwo(hn::Sub(n, half)));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

/// exp for -87 <= x <= 87, where one scaling is enough.
HWY_INLINE FloatVector ExpBounded(FloatVector x) {
  FloatVector n;
  FloatVector r = ReduceByLn2(x, n);
  return hn::Mul(ExpReduced(r), PowerOfTwo(n));
}

HWY_INLINE FloatVector TanhVector(FloatVector x) {
  // Small arguments by the odd polynomial of Cephes' tanhf; the others by 1 - 2 / (e^2x + 1).
  FloatVector a = hn::Abs(x);
  FloatVector square = hn::Mul(x, x);
  FloatVector small = Polynomial(square, -3.33332819422e-1f, 1.33314422036e-1f, -5.37397155531e-2f,
                                 2.06390887954e-2f, -5.70498872745e-3f);
  small = hn::MulAdd(hn::Mul(small, square), x, x);
  // From 10 on the result rounds to 1.
  FloatVector bounded = hn::Min(a, Constant(10.0f));
  FloatVector e = ExpBounded(hn::Add(bounded, bounded));
  FloatVector large = hn::Sub(Constant(1.0f), hn::Div(Constant(2.0f), hn::Add(e, Constant(1.0f))));
  FloatVector result = hn::IfThenElse(hn::Lt(a, Constant(0.625f)), small, hn::CopySign(large, x));
  return hn::IfThenElse(hn::IsNaN(x), x, result);
}

HWY_INLINE FloatVector SigmoidVector(FloatVector x) {
  // e^-|x| / (1 + e^-|x|) never overflows; its mirror image is 1 over the same denominator.
  FloatVector e = ExpVector(hn::Neg(hn::Abs(x)));
  FloatVector denominator = hn::Add(Constant(1.0f), e);
  FloatVector numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(FloatTag())), e, Constant(1.0f));
  return hn::Div(numerator, denominator);
}

constexpr float smallest_normal = 0x1p-126f, largest_finite = 0x1.fffffep127f;

HWY_INLINE FloatVector LogVector(FloatVector x) {
  return PatchLanes(Between(x, smallest_normal, largest_finite), x, hn::Log(FloatTag(), x),
                    [](float v) { return std::log(v); });
}
HWY_INLINE FloatVector Log2Vector(FloatVector x) {
  return PatchLanes(Between(x, smallest_normal, largest_finite), x, hn::Log2(FloatTag(), x),
                    [](float v) { return std::log2(v); });
}
HWY_INLINE FloatVector Log10Vector(FloatVector x) {
  return PatchLanes(Between(x, smallest_normal, largest_finite), x, hn::Log10(FloatTag(), x),
                    [](float v) { return std::log10(v); });
}
HWY_INLINE FloatVector Log1pVector(FloatVector x) {
  auto inside = hn::And(Between(x, -0.99f, 0x1p100f), hn::Gt(hn::Abs(x), Constant(0x1p-60f)));
  return PatchLanes(inside, x, hn::Log1p(FloatTag(), x), [](float v) { return std::log1p(v); });
}
HWY_INLINE FloatVector Expm1Vector(FloatVector x) {
  auto inside = hn::And(Between(x, -80.0f, 88.0f), hn::Gt(hn::Abs(x), Constant(0x1p-60f)));
  return PatchLanes(inside, x, hn::Expm1(FloatTag(), x), [](float v) { return std::expm1(v); });
}
// Highway's reduction holds up to 39,000; tiny arguments would lose their sign or last bits.
HWY_INLINE FloatVector SinVector(FloatVector x) {
  auto inside = hn::And(Between(hn::Abs(x), 0x1p-60f, 39000.0f), Between(x, -39000, 39000));
  return PatchLanes(inside, x, hn::Sin(FloatTag(), x), [](float v) { return std::sin(v); });
}
HWY_INLINE FloatVector CosVector(FloatVector x) {
  return PatchLanes(Between(x, -39000, 39000), x, hn::Cos(FloatTag(), x),
                    [](float v) { return std::cos(v); });
}

HWY_INLINE FloatVector ErfInvVector(FloatVector x) {
  // N. Juffa's minimax polynomials in log(1 - x^2), 2.4 ulp:
  // stackoverflow.com/questions/27229371.
  FloatVector t = LogVector(hn::NegMulAdd(x, x, Constant(1.0f)));
  FloatVector tail =
      Polynomial(t, 8.40016484e-1f, -2.64646143e-1f, 4.83185798e-3f, 3.02698812e-3f, 3.93552968e-4f,
                 2.84108955e-5f, 1.22150334e-6f, 2.93243101e-8f, 3.03697567e-10f);
  FloatVector center = Polynomial(t, 8.86226892e-1f, -2.32015476e-1f, 1.15392581e-2f,
                                  2.31468678e-3f, -1.47697632e-4f, -5.61530760e-5f, 1.12963626e-7f,
                                  1.22774793e-6f, 1.43285448e-7f, 5.43877832e-9f);
  FloatVector result =
      hn::Mul(x, hn::IfThenElse(hn::Gt(hn::Abs(t), Constant(6.125f)), tail, center));
  // The ends are infinite, and beyond them the function is not defined.
  FloatVector end = hn::CopySign(Constant(INFINITY), x);
  auto beyond = hn::Gt(hn::Abs(x), Constant(1.0f));
  result = hn::IfThenElse(hn::Eq(hn::Abs(x), Constant(1.0f)), end, result);
  return hn::IfThenElse(beyond, Constant(NAN), result);
}

/// Applies a vector function; the tail runs through a padded vector and so computes the same.
template <FloatVector (*function)(FloatVector)>
void VectorLoop(const void* a, const void*, const void*, void* out, size_t n) {
  FloatTag d;
  auto* x = static_cast<const float*>(a);
  auto* y = static_cast<float*>(out);
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(function(hn::LoadU(d, x + i)), d, y + i);
  if (i < n) {
    HWY_ALIGN float padded[hn::MaxLanes(FloatTag())] = {};
    for (size_t k = i; k < n; ++k) padded[k - i] = x[k];
    hn::Store(function(hn::Load(d, padded)), d, padded);
    for (size_t k = i; k < n; ++k) y[k] = padded[k - i];
  }
}

}  // namespace mlx::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
