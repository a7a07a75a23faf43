#include "array/dtype_dispatch.h"
#include "cpu/elementwise/unsigned.h"
#include "cpu/reduce/compensated_sum.h"
#include "cpu/reduce/double_parts.h"
#include "cpu/reduce/kernel.h"
#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/reduce/reduce_sum.cpp"
#include "hwy/foreach_target.h"

#include "cpu/reduce/kernel-inl.h"
#include "cpu/reduce/load-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

template <class D, typename T>
HWY_INLINE hn::Vec<D> sum_of_eight(D d, const T* in, int64_t step) {
  auto a = hn::Add(load_wide(d, in), load_wide(d, in + step));
  auto b = hn::Add(load_wide(d, in + 2 * step), load_wide(d, in + 3 * step));
  auto c = hn::Add(load_wide(d, in + 4 * step), load_wide(d, in + 5 * step));
  auto e = hn::Add(load_wide(d, in + 6 * step), load_wide(d, in + 7 * step));
  return hn::Add(hn::Add(a, b), hn::Add(c, e));
}

/// float32 and half types: trees of eight in float32, the rest in float64. The error is three
/// float32 roundings whatever the length.
template <typename T>
struct FloatSum : GenericPolicy<FloatSum<T>, T, double> {
  static double identity() { return 0; }
  static double combine(double sum, T x) { return sum + double(float(x)); }
  static double merge(double a, double b) { return a + b; }

  static void row(const T* in, int64_t length, double& state) {
    const hn::ScalableTag<double> dd;
    const hn::Rebind<float, decltype(dd)> df;
    const int64_t lanes = int64_t(hn::Lanes(dd));
    auto even = hn::Zero(dd), odd = hn::Zero(dd);
    int64_t i = 0;
    for (; i + 16 * lanes <= length; i += 16 * lanes) {
      even = hn::Add(even, hn::PromoteTo(dd, sum_of_eight(df, in + i, lanes)));
      odd = hn::Add(odd, hn::PromoteTo(dd, sum_of_eight(df, in + i + 8 * lanes, lanes)));
    }
    if (i + 8 * lanes <= length) {
      even = hn::Add(even, hn::PromoteTo(dd, sum_of_eight(df, in + i, lanes)));
      i += 8 * lanes;
    }
    for (; i + lanes <= length; i += lanes)
      even = hn::Add(even, hn::PromoteTo(dd, load_wide(df, in + i)));
    double rest = hn::GetLane(hn::SumOfLanes(dd, hn::Add(even, odd)));
    for (; i < length; ++i) rest += double(float(in[i]));
    state += rest;
  }

  static void columns(const T* in, int64_t outputs, int64_t length, int64_t step, double* states) {
    const hn::ScalableTag<double> dd;
    const hn::Rebind<float, decltype(dd)> df;
    const int64_t lanes = int64_t(hn::Lanes(dd));
    for (; length >= 8; length -= 8, in += 8 * step) {
      int64_t o = 0;
      for (; o + lanes <= outputs; o += lanes) {
        auto sum = hn::PromoteTo(dd, sum_of_eight(df, in + o, step));
        hn::StoreU(hn::Add(hn::LoadU(dd, states + o), sum), dd, states + o);
      }
      for (; o < outputs; ++o)
        for (int64_t r = 0; r < 8; ++r) states[o] += double(float(in[o + r * step]));
    }
    for (; length > 0; --length, in += step)
      for (int64_t o = 0; o < outputs; ++o) states[o] += double(float(in[o]));
  }
};

/// float64: sums of eight, added with their errors kept.
struct DoubleSum : GenericPolicy<DoubleSum, double, CompensatedSum> {
  static CompensatedSum identity() { return {0, 0}; }
  static CompensatedSum combine(CompensatedSum sum, double x) {
    sum.add(x);
    return sum;
  }
  static CompensatedSum merge(CompensatedSum a, CompensatedSum b) {
    a.add(b.high);
    a.low += b.low;
    return a;
  }

  static void row(const double* in, int64_t length, CompensatedSum& state) {
    const hn::ScalableTag<double> d;
    const int64_t lanes = int64_t(hn::Lanes(d));
    auto high = hn::Zero(d), low = hn::Zero(d);
    int64_t i = 0;
    for (; i + 8 * lanes <= length; i += 8 * lanes) {
      auto x = sum_of_eight(d, in + i, lanes);
      auto sum = hn::Add(high, x);
      auto part = hn::Sub(sum, high);
      low = hn::Add(low, hn::Add(hn::Sub(high, hn::Sub(sum, part)), hn::Sub(x, part)));
      high = sum;
    }
    HWY_ALIGN double highs[hn::MaxLanes(d)];
    HWY_ALIGN double lows[hn::MaxLanes(d)];
    hn::Store(high, d, highs);
    hn::Store(low, d, lows);
    for (int64_t lane = 0; lane < lanes; ++lane) state = merge(state, {highs[lane], lows[lane]});
    for (; i < length; ++i) state.add(in[i]);
  }
};

struct ComplexSum : GenericPolicy<ComplexSum, complex64_t, DoubleParts> {
  static constexpr int kChains = 4;
  static DoubleParts identity() { return {0, 0}; }
  static DoubleParts combine(DoubleParts sum, complex64_t x) {
    return {sum.real + x.real(), sum.imag + x.imag()};
  }
  static DoubleParts merge(DoubleParts a, DoubleParts b) {
    return {a.real + b.real, a.imag + b.imag};
  }
};

/// Unsigned sums wrap alike for signed values.
template <typename T, typename Sum>
struct WrappingSum : GenericPolicy<WrappingSum<T, Sum>, T, Sum> {
  static Sum identity() { return 0; }
  static Sum combine(Sum sum, T x) { return sum + static_cast<Sum>(x); }
  static Sum merge(Sum a, Sum b) { return a + b; }
};

/// A sum no wider than its terms is the same for signed ones and unsigned.
template <typename T, typename Sum>
using IntegerSum = WrappingSum<std::conditional_t<sizeof(T) < sizeof(Sum), T, Unsigned<T>>, Sum>;

template <typename T>
ReduceKernel integer_sum(size_t out_width) {
  switch (out_width) {
    case 1:
      return make_kernel<IntegerSum<T, uint32_t>, uint8_t>("sum");
    case 2:
      return make_kernel<IntegerSum<T, uint32_t>, uint16_t>("sum");
    case 4:
      return make_kernel<IntegerSum<T, uint32_t>, uint32_t>("sum");
    default:
      return make_kernel<IntegerSum<T, uint64_t>, uint64_t>("sum");
  }
}

ReduceKernel make_sum(Dtype in, Dtype out, size_t out_width) {
  return dispatch_dtype(in, [&](auto tag) -> ReduceKernel {
    using T = typename decltype(tag)::type;
    if constexpr (std::is_same_v<T, bool>)
      return integer_sum<uint8_t>(out_width);
    else if constexpr (std::is_integral_v<T>)
      return integer_sum<T>(out_width);
    else if constexpr (is_complex_v<T>)
      return make_kernel<ComplexSum, T>("sum");
    else if constexpr (std::is_same_v<T, double>)
      return make_kernel<DoubleSum, T>("sum");
    else if (out == float32)
      return make_kernel<FloatSum<T>, float>("sum");
    else
      return make_kernel<FloatSum<T>, T>("sum");
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(make_sum);

ReduceKernel sum_kernel(Dtype in, Dtype out) {
  return HWY_DYNAMIC_DISPATCH(make_sum)(in, out, sum_or_product_width("sum", in, out));
}

}  // namespace mlx::core::cpu
#endif
