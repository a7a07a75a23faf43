// Highway compiles this file once for each SIMD target.
#include "cpu/linalg/symmetric_product.h"

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/linalg/symmetric_product.cpp"
#include "hwy/foreach_target.h"

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Two vectors of rows at once, so that no sum waits for the one before.
template <int kCount, typename T>
void add_columns(const T* a, int64_t stride, int64_t rows, const T* x, const T* v, T* sum,
                 T* dots) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = int64_t(hn::Lanes(d));
  V factors[kCount], even[kCount], odd[kCount];
#pragma GCC unroll 4
  for (int c = 0; c < kCount; ++c) {
    factors[c] = hn::Set(d, x[c]);
    even[c] = odd[c] = hn::Zero(d);
  }
  int64_t r = 0;
  for (; r + 2 * lanes <= rows; r += 2 * lanes) {
    const V first = hn::LoadU(d, v + r), second = hn::LoadU(d, v + r + lanes);
    V low = hn::LoadU(d, sum + r), high = hn::LoadU(d, sum + r + lanes);
#pragma GCC unroll 4
    for (int c = 0; c < kCount; ++c) {
      const V above = hn::LoadU(d, a + c * stride + r);
      const V below = hn::LoadU(d, a + c * stride + r + lanes);
      low = hn::MulAdd(above, factors[c], low);
      even[c] = hn::MulAdd(above, first, even[c]);
      high = hn::MulAdd(below, factors[c], high);
      odd[c] = hn::MulAdd(below, second, odd[c]);
    }
    hn::StoreU(low, d, sum + r);
    hn::StoreU(high, d, sum + r + lanes);
  }
#pragma GCC unroll 4
  for (int c = 0; c < kCount; ++c)
    dots[c] += hn::GetLane(hn::SumOfLanes(d, hn::Add(even[c], odd[c])));
  for (; r < rows; ++r)
    for (int c = 0; c < kCount; ++c) {
      sum[r] += a[c * stride + r] * x[c];
      dots[c] += a[c * stride + r] * v[r];
    }
}

template <typename T>
void add_all_columns(const Columns<T>& a, const T* x, const T* v, T* sum, T* dots) {
  constexpr int kAtOnce = 4;
  int64_t c = 0;
  for (; c + kAtOnce <= a.count; c += kAtOnce)
    add_columns<kAtOnce>(a.data + c * a.stride, a.stride, a.rows, x + c, v, sum, dots + c);
  for (; c < a.count; ++c)
    add_columns<1>(a.data + c * a.stride, a.stride, a.rows, x + c, v, sum, dots + c);
}

void add_float_columns(const Columns<float>& a, const float* x, const float* v, float* sum,
                       float* dots) {
  add_all_columns(a, x, v, sum, dots);
}

void add_double_columns(const Columns<double>& a, const double* x, const double* v, double* sum,
                        double* dots) {
  add_all_columns(a, x, v, sum, dots);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(add_float_columns);
HWY_EXPORT(add_double_columns);

template <>
void add_symmetric_products(const Columns<float>& a, const float* x, const float* v, float* sum,
                            float* dots) {
  HWY_DYNAMIC_DISPATCH(add_float_columns)(a, x, v, sum, dots);
}

template <>
void add_symmetric_products(const Columns<double>& a, const double* x, const double* v, double* sum,
                            double* dots) {
  HWY_DYNAMIC_DISPATCH(add_double_columns)(a, x, v, sum, dots);
}

}  // namespace mlx::core::cpu
#endif
