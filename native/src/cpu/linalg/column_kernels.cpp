// Highway compiles this file once for each SIMD target.
#include "cpu/linalg/column_kernels.h"

#include <algorithm>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/linalg/column_kernels.cpp"
#include "hwy/foreach_target.h"

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Dots of kColumns columns from `first` on, `dots_stride` apart for each vector.
template <int kColumns, int kVectors, typename T>
HWY_INLINE void dot_some(const Columns<T>& a, int64_t first, const T* x, T* dots,
                         int64_t dots_stride) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<hn::ScalableTag<T>>;
  const auto lanes = int64_t(hn::Lanes(d));
  const T* columns[kColumns];
  V sums[kVectors][kColumns];
#pragma GCC unroll 8
  for (int c = 0; c < kColumns; ++c) {
    columns[c] = a.data + (first + c) * a.stride;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums[v][c] = hn::Zero(d);
  }
  int64_t i = 0;
  for (; i + lanes <= a.rows; i += lanes) {
    V weights[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) weights[v] = hn::LoadU(d, x + v * a.rows + i);
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c) {
      const V elements = hn::LoadU(d, columns[c] + i);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sums[v][c] = hn::MulAdd(elements, weights[v], sums[v][c]);
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < kColumns; ++c)
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      T sum = hn::GetLane(hn::SumOfLanes(d, sums[v][c]));
      for (int64_t k = i; k < a.rows; ++k) sum += columns[c][k] * x[v * a.rows + k];
      dots[v * dots_stride + c] = sum;
    }
}

/// out (+)= kColumns columns from `first` on times their weights.
template <int kColumns, int kVectors, typename T>
HWY_INLINE void add_some(const Columns<T>& a, int64_t first, const T* weights,
                         int64_t weights_stride, bool accumulate, T* out) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<hn::ScalableTag<T>>;
  const auto lanes = int64_t(hn::Lanes(d));
  const T* columns[kColumns];
  V factors[kVectors][kColumns];
#pragma GCC unroll 8
  for (int c = 0; c < kColumns; ++c) {
    columns[c] = a.data + (first + c) * a.stride;
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) factors[v][c] = hn::Set(d, weights[v * weights_stride + c]);
  }
  int64_t i = 0;
  for (; i + lanes <= a.rows; i += lanes) {
    V sums[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v)
      sums[v] = accumulate ? hn::LoadU(d, out + v * a.rows + i) : hn::Zero(d);
#pragma GCC unroll 8
    for (int c = 0; c < kColumns; ++c) {
      const V elements = hn::LoadU(d, columns[c] + i);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sums[v] = hn::MulAdd(elements, factors[v][c], sums[v]);
    }
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, out + v * a.rows + i);
  }
  for (; i < a.rows; ++i)
    for (int v = 0; v < kVectors; ++v) {
      T sum = accumulate ? out[v * a.rows + i] : T(0);
#pragma GCC unroll 8
      for (int c = 0; c < kColumns; ++c) sum += columns[c][i] * weights[v * weights_stride + c];
      out[v * a.rows + i] = sum;
    }
}

/// As many columns at once as registers hold sums of their dots.
template <int kVectors, typename T>
HWY_INLINE void dot_group(const Columns<T>& a, int64_t first, int64_t count, const T* x, T* dots,
                          int64_t dots_stride) {
  constexpr int kColumns = kVectors == 1 ? 8 : 4;
  int64_t c = 0;
  for (; c + kColumns <= count; c += kColumns)
    dot_some<kColumns, kVectors>(a, first + c, x, dots + c, dots_stride);
  for (; c < count; ++c) dot_some<1, kVectors>(a, first + c, x, dots + c, dots_stride);
}

template <int kVectors, typename T>
HWY_INLINE void add_group(const Columns<T>& a, int64_t first, int64_t count, const T* weights,
                          int64_t weights_stride, bool accumulate, T* out) {
  constexpr int kColumns = kVectors == 1 ? 8 : 4;
  int64_t c = 0;
  for (; c + kColumns <= count; c += kColumns)
    add_some<kColumns, kVectors>(a, first + c, weights + c, weights_stride, accumulate || c > 0,
                                 out);
  for (; c < count; ++c)
    add_some<1, kVectors>(a, first + c, weights + c, weights_stride, accumulate || c > 0, out);
}

template <int kVectors, typename T, typename F>
void dot_and_add(const Columns<T>& a, const T* x, const F& weigh, T* out) {
  T dots[kVectors * kColumnGroup], weights[kVectors * kColumnGroup];
  for (int64_t first = 0; first < a.count; first += kColumnGroup) {
    const int64_t count = std::min<int64_t>(kColumnGroup, a.count - first);
    dot_group<kVectors>(a, first, count, x, dots, kColumnGroup);
    weigh(first, count, dots, weights);
    add_group<kVectors>(a, first, count, weights, kColumnGroup, true, out);
  }
}

template <typename T>
using Weigh = FunctionRef<void(int64_t, int64_t, const T*, T*)>;

// Exporting needs functions that are no templates.
#define DEFINE(T)                                                                              \
  void dot_##T(const Columns<T>& a, int vectors, const T* x, T* dots) {                        \
    vectors == 1 ? dot_group<1>(a, 0, a.count, x, dots, a.count)                               \
                 : dot_group<2>(a, 0, a.count, x, dots, a.count);                              \
  }                                                                                            \
  void add_##T(const Columns<T>& a, int vectors, const T* x, bool accumulate, T* out) {        \
    vectors == 1 ? add_group<1>(a, 0, a.count, x, a.count, accumulate, out)                    \
                 : add_group<2>(a, 0, a.count, x, a.count, accumulate, out);                   \
  }                                                                                            \
  void dot_and_add_##T(const Columns<T>& a, int vectors, const T* x, Weigh<T> weigh, T* out) { \
    vectors == 1 ? dot_and_add<1>(a, x, weigh, out) : dot_and_add<2>(a, x, weigh, out);        \
  }
DEFINE(float)
DEFINE(double)
#undef DEFINE

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

#define DISPATCH(T)                                                                           \
  HWY_EXPORT(dot_##T);                                                                        \
  HWY_EXPORT(add_##T);                                                                        \
  HWY_EXPORT(dot_and_add_##T);                                                                \
  template <>                                                                                 \
  void dot_columns(const Columns<T>& a, int vectors, const T* x, T* dots) {                   \
    HWY_DYNAMIC_DISPATCH(dot_##T)(a, vectors, x, dots);                                       \
  }                                                                                           \
  template <>                                                                                 \
  void add_columns(const Columns<T>& a, int vectors, const T* x, bool accumulate, T* out) {   \
    HWY_DYNAMIC_DISPATCH(add_##T)(a, vectors, x, accumulate, out);                            \
  }                                                                                           \
  template <>                                                                                 \
  void dot_and_add_columns(const Columns<T>& a, int vectors, const T* x,                      \
                           FunctionRef<void(int64_t, int64_t, const T*, T*)> weigh, T* out) { \
    HWY_DYNAMIC_DISPATCH(dot_and_add_##T)(a, vectors, x, weigh, out);                         \
  }
DISPATCH(float)
DISPATCH(double)
#undef DISPATCH

}  // namespace mlx::core::cpu
#endif
