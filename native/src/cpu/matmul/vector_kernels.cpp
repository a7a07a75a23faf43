// Highway compiles this file once for each SIMD target.
#include "cpu/matmul/vector_kernels.h"

#include <algorithm>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul/vector_kernels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/reduce/load-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// kSums sums for each row and vector hide what an addition takes.
template <int kRows, int kSums, int kVectors, typename T>
HWY_INLINE void dot_some_rows(const VectorProduct<T>& p, int64_t row) {
  using W = Wide<T>;
  const hn::ScalableTag<W> d;
  using V = hn::Vec<hn::ScalableTag<W>>;
  const int64_t lanes = int64_t(hn::Lanes(d));
  const T* rows[kRows];
  V sums[kRows][kSums][kVectors];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    rows[r] = p.matrix + (row + r) * p.row_stride;
#pragma GCC unroll 4
    for (int s = 0; s < kSums; ++s)
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[r][s][v] = hn::Zero(d);
  }
  int64_t i = 0;
  for (; i + kSums * lanes <= p.columns; i += kSums * lanes)
#pragma GCC unroll 4
    for (int s = 0; s < kSums; ++s) {
      const int64_t at = i + s * lanes;
      V x[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) x[v] = hn::LoadU(d, p.x + v * p.x_stride + at);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        const V elements = load_wide(d, rows[r] + at);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v)
          sums[r][s][v] = hn::MulAdd(elements, x[v], sums[r][s][v]);
      }
    }
  for (int r = 0; r < kRows; ++r)
    for (int v = 0; v < kVectors; ++v) {
      V total = sums[r][0][v];
      if constexpr (kSums >= 2) total = hn::Add(total, sums[r][1][v]);
      if constexpr (kSums == 4) total = hn::Add(total, hn::Add(sums[r][2][v], sums[r][3][v]));
      W sum = hn::GetLane(hn::SumOfLanes(d, total));
      for (int64_t k = i; k < p.columns; ++k) sum += W(rows[r][k]) * p.x[v * p.x_stride + k];
      p.out[v * p.out_stride + row + r] = sum;
    }
}

/// Short rows are read one after the other: several at once are more places in a page than the
/// processor's prefetching follows.
template <typename T>
bool has_short_rows(const VectorProduct<T>& p) {
  constexpr int64_t kShortRow = 1024;
  return p.columns * int64_t(sizeof(T)) <= kShortRow;
}

template <int kVectors, typename T>
void dot_all_rows(const VectorProduct<T>& p) {
  // As many sums as registers hold: of a row's parts, or of rows.
  constexpr int kSums = kVectors == 1 ? 4 : 2;
  int64_t row = 0;
  if (has_short_rows(p)) {
    for (; row < p.rows; ++row) dot_some_rows<1, kSums, kVectors>(p, row);
    return;
  }
  for (; row + kSums <= p.rows; row += kSums) dot_some_rows<kSums, 1, kVectors>(p, row);
  for (; row < p.rows; ++row) dot_some_rows<1, 1, kVectors>(p, row);
}

template <int kRows, int kVectors, typename T>
HWY_INLINE void add_some_rows(const VectorProduct<T>& p, int64_t row) {
  using W = Wide<T>;
  const hn::ScalableTag<W> d;
  using V = hn::Vec<hn::ScalableTag<W>>;
  const int64_t lanes = int64_t(hn::Lanes(d));
  const T* rows = p.matrix + row * p.row_stride;
  V x[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) x[r][v] = hn::Set(d, p.x[v * p.x_stride + row + r]);
  int64_t i = 0;
  for (; i + lanes <= p.columns; i += lanes) {
    V sums[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[v] = hn::LoadU(d, p.out + v * p.out_stride + i);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const V elements = load_wide(d, rows + r * p.row_stride + i);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[v] = hn::MulAdd(elements, x[r][v], sums[v]);
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, p.out + v * p.out_stride + i);
  }
  for (; i < p.columns; ++i)
    for (int v = 0; v < kVectors; ++v) {
      W sum = p.out[v * p.out_stride + i];
      for (int r = 0; r < kRows; ++r)
        sum += W(rows[r * p.row_stride + i]) * p.x[v * p.x_stride + row + r];
      p.out[v * p.out_stride + i] = sum;
    }
}

template <int kVectors, typename T>
void add_all_rows(const VectorProduct<T>& p) {
  constexpr int kRows = kVectors == 1 ? 8 : 4;
  for (int v = 0; v < kVectors; ++v) std::fill_n(p.out + v * p.out_stride, p.columns, Wide<T>(0));
  int64_t row = 0;
  if (has_short_rows(p))
    for (; row + 2 <= p.rows; row += 2) add_some_rows<2, kVectors>(p, row);
  for (; row + kRows <= p.rows; row += kRows) add_some_rows<kRows, kVectors>(p, row);
  for (; row < p.rows; ++row) add_some_rows<1, kVectors>(p, row);
}

template <typename T>
void dot(const VectorProduct<T>& p) {
  switch (p.vectors) {
    case 1:
      return dot_all_rows<1>(p);
    case 2:
      return dot_all_rows<2>(p);
    case 3:
      return dot_all_rows<3>(p);
    default:
      return dot_all_rows<4>(p);
  }
}

template <typename T>
void add(const VectorProduct<T>& p) {
  switch (p.vectors) {
    case 1:
      return add_all_rows<1>(p);
    case 2:
      return add_all_rows<2>(p);
    case 3:
      return add_all_rows<3>(p);
    default:
      return add_all_rows<4>(p);
  }
}

// Exporting needs functions that are no templates.
#define DEFINE(name, T)                                              \
  void dot_##name(const VectorProduct<T>& product) { dot(product); } \
  void add_##name(const VectorProduct<T>& product) { add(product); }
DEFINE(float16, float16_t)
DEFINE(bfloat16, bfloat16_t)
DEFINE(float32, float)
DEFINE(float64, double)
#undef DEFINE

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

#define DISPATCH(name, T)                          \
  HWY_EXPORT(dot_##name);                          \
  HWY_EXPORT(add_##name);                          \
  template <>                                      \
  void dot_rows(const VectorProduct<T>& product) { \
    HWY_DYNAMIC_DISPATCH(dot_##name)(product);     \
  }                                                \
  template <>                                      \
  void add_rows(const VectorProduct<T>& product) { \
    HWY_DYNAMIC_DISPATCH(add_##name)(product);     \
  }
DISPATCH(float16, float16_t)
DISPATCH(bfloat16, bfloat16_t)
DISPATCH(float32, float)
DISPATCH(float64, double)
#undef DISPATCH

}  // namespace mlx::core::cpu
#endif
