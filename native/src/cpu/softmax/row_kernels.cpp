#include "cpu/softmax/row_kernels.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "cpu/reduce/compensated_sum.h"
#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/softmax/row_kernels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/reduce/extreme-inl.h"
#include "hwy/contrib/math/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

using FloatTag = hn::ScalableTag<float>;
using FloatVector = hn::Vec<FloatTag>;

// Highway's Exp makes 0 of NaN.
template <class D>
HWY_INLINE hn::Vec<D> exp_vector(D d, hn::Vec<D> x) {
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, x));
}

/// A shorter way for x <= 0 with results that are normal numbers. n = round(x / ln 2) is read from
/// the low bits of a sum with a large constant (Cody and Waite's reduction: ln 2 in two parts), and
/// multiplying by 2^n is an addition to the exponent. The Taylor series ends below half an ulp.
HWY_INLINE FloatVector exp_vector(FloatTag d, FloatVector x) {
  if (HWY_UNLIKELY(!hn::AllTrue(d, hn::Ge(x, hn::Set(d, -86.0f)))))
    return exp_vector<FloatTag>(d, x);
  const hn::RebindToSigned<FloatTag> integers;
  const auto large = hn::Set(d, 0x1.8p23f);
  const auto sum = hn::MulAdd(x, hn::Set(d, 1.44269504f), large);
  const auto n = hn::Sub(sum, large);
  auto r = hn::NegMulAdd(n, hn::Set(d, 0x1.62e4p-1f), x);
  r = hn::NegMulAdd(n, hn::Set(d, 0x1.7f7d1cp-20f), r);
  auto series = hn::Set(d, 1.0f / 5040);
  for (float coefficient : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
    series = hn::MulAdd(series, r, hn::Set(d, coefficient));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(integers, sum));
  return hn::BitCast(d, hn::Add(hn::BitCast(integers, series), exponent));
}

/// The last elements of a row, filled up with -inf, whose exponential is 0.
template <class D, typename T>
HWY_INLINE hn::Vec<D> load_tail(D d, const T* in, size_t count) {
  using Wide = hn::TFromD<D>;
  HWY_ALIGN Wide values[hn::MaxLanes(D())];
  for (size_t i = 0; i < hn::Lanes(d); ++i)
    values[i] = i < count ? static_cast<Wide>(in[i]) : -std::numeric_limits<Wide>::infinity();
  return hn::Load(d, values);
}

template <class D>
HWY_INLINE void store_tail(D d, hn::Vec<D> x, hn::TFromD<D>* out, size_t count) {
  HWY_ALIGN hn::TFromD<D> values[hn::MaxLanes(D())];
  hn::Store(x, d, values);
  std::memcpy(out, values, count * sizeof(values[0]));
}

template <typename T, typename Wide>
Wide maximum(const T* in, size_t count) {
  Wide best = -std::numeric_limits<Wide>::infinity();
  FloatExtreme<true, T, Wide>::row(in, int64_t(count), best);
  return best;
}

/// Adds the lanes of x to float64 sums.
HWY_INLINE double sum_lanes(hn::ScalableTag<double> d, hn::Vec<hn::ScalableTag<double>> x) {
  return hn::GetLane(hn::SumOfLanes(d, x));
}
HWY_INLINE double sum_lanes(FloatTag d, FloatVector x) {
  HWY_ALIGN float values[hn::MaxLanes(FloatTag())];
  hn::Store(x, d, values);
  const hn::ScalableTag<double> dd;
  const hn::Rebind<float, decltype(dd)> half;
  auto sums = hn::Zero(dd);
  for (size_t i = 0; i < hn::Lanes(d); i += hn::Lanes(dd))
    sums = hn::Add(sums, hn::PromoteTo(dd, hn::Load(half, values + i)));
  return sum_lanes(dd, sums);
}

template <typename T, typename Wide>
double exp_sum(const T* in, size_t count, Wide shift, Wide* terms) {
  // Short runs of additions in Wide, the rest in float64.
  constexpr size_t kRun = 16;
  const hn::ScalableTag<Wide> d;
  const size_t lanes = hn::Lanes(d);
  const auto offset = hn::Set(d, shift);
  CompensatedSum total;
  size_t i = 0;
  while (i + 2 * lanes <= count) {
    auto even = hn::Zero(d), odd = hn::Zero(d);
    for (size_t k = 0; k < kRun && i + 2 * lanes <= count; ++k, i += 2 * lanes) {
      auto a = exp_vector(d, hn::Sub(load_wide(d, in + i), offset));
      auto b = exp_vector(d, hn::Sub(load_wide(d, in + i + lanes), offset));
      if (terms) {
        hn::StoreU(a, d, terms + i);
        hn::StoreU(b, d, terms + i + lanes);
      }
      even = hn::Add(even, a);
      odd = hn::Add(odd, b);
    }
    total.add(sum_lanes(d, hn::Add(even, odd)));
  }
  for (; i < count; i += lanes) {
    size_t rest = count - i < lanes ? count - i : lanes;
    auto a = exp_vector(d, hn::Sub(load_tail(d, in + i, rest), offset));
    if (terms) store_tail(d, a, terms + i, rest);
    total.add(sum_lanes(d, a));
  }
  return double(total);
}

template <typename T, typename Wide>
void scale(const Wide* terms, size_t count, Wide factor, T* out) {
  size_t i = 0;
  // The conversion to float16 has too many cases for the compiler to vectorise.
  if constexpr (std::is_same_v<T, float16_t> && kConvertsHalves) {
    const FloatTag d;
    const hn::Rebind<hwy::float16_t, FloatTag> half;
    const hn::Rebind<uint16_t, FloatTag> bits;
    for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      auto x = hn::Mul(hn::LoadU(d, terms + i), hn::Set(d, factor));
      hn::StoreU(hn::BitCast(bits, hn::DemoteTo(half, x)), bits, &out[i].bits_);
    }
  }
  for (; i < count; ++i) out[i] = static_cast<T>(terms[i] * factor);
}

RowKernels<float16_t, float> float16_rows() {
  return {maximum<float16_t, float>, exp_sum<float16_t, float>, scale<float16_t, float>};
}
RowKernels<bfloat16_t, float> bfloat16_rows() {
  return {maximum<bfloat16_t, float>, exp_sum<bfloat16_t, float>, scale<bfloat16_t, float>};
}
RowKernels<float, float> float32_rows() {
  return {maximum<float, float>, exp_sum<float, float>, scale<float, float>};
}
RowKernels<double, double> float64_rows() {
  return {maximum<double, double>, exp_sum<double, double>, scale<double, double>};
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(float16_rows);
HWY_EXPORT(bfloat16_rows);
HWY_EXPORT(float32_rows);
HWY_EXPORT(float64_rows);

template <>
RowKernels<float16_t, float> row_kernels<float16_t>() {
  return HWY_DYNAMIC_DISPATCH(float16_rows)();
}
template <>
RowKernels<bfloat16_t, float> row_kernels<bfloat16_t>() {
  return HWY_DYNAMIC_DISPATCH(bfloat16_rows)();
}
template <>
RowKernels<float, float> row_kernels<float>() {
  return HWY_DYNAMIC_DISPATCH(float32_rows)();
}
template <>
RowKernels<double, double> row_kernels<double>() {
  return HWY_DYNAMIC_DISPATCH(float64_rows)();
}

}  // namespace mlx::core::cpu
#endif
