// Highway compiles this file once for each SIMD target.
#include "cpu/matmul/gemm_ways.h"

#include <algorithm>
#include <optional>

#include "cpu/matmul/epilogue.h"
#include "cpu/matmul/pack.h"
#include "cpu/matmul/scratch.h"
#include "cpu/simd_targets.h"
#include "runtime/thread_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul/small_gemm.cpp"
#include "hwy/foreach_target.h"

#include "cpu/matmul/panels-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// Panels as long as this stay in the first-level cache.
inline constexpr int64_t kInner = 384;

/// out = a @ b.
template <typename T>
void multiply(int64_t m, int64_t n, int64_t k, const MatrixView<T>& a, const MatrixView<T>& b,
              T* out, int64_t out_step) {
  constexpr int64_t kGrain = int64_t(1) << 17, kFewRows = 12, kShort = 96;
  const int64_t narrow = kNarrowTile<T>;
  const int64_t padded = (n + narrow - 1) / narrow * narrow;
  // Copying B doesn't pay for few rows, nor while its columns are far from filling cache sets.
  const bool pack = b.column_stride != 1 || padded != n || (m > kFewRows && k > kShort);
  std::optional<Scratch<T>> panels;
  if (pack) panels.emplace(padded * std::min(k, kInner));
  const int64_t strips = (m + kTileRows - 1) / kTileRows;
  for (int64_t l = 0; l < k; l += kInner) {
    const int64_t inner = std::min(kInner, k - l);
    const MatrixView<T> left = a.from(0, l), right = b.from(l, 0);
    if (pack) pack_panels(right, inner, n, panels->data());
    const int64_t grain = std::max<int64_t>(1, kGrain / (kTileRows * n * inner));
    parallel_for(size_t(strips), size_t(grain), [&](size_t begin, size_t end) {
      multiply_rows(int64_t(begin) * kTileRows, std::min(m, int64_t(end) * kTileRows), n, inner,
                    left, right, pack ? panels->data() : nullptr, out, out_step, l > 0);
    });
  }
}

void multiply_float32(int64_t m, int64_t n, int64_t k, const MatrixView<float>& a,
                      const MatrixView<float>& b, float* out, int64_t out_step) {
  multiply(m, n, k, a, b, out, out_step);
}
void multiply_float64(int64_t m, int64_t n, int64_t k, const MatrixView<double>& a,
                      const MatrixView<double>& b, double* out, int64_t out_step) {
  multiply(m, n, k, a, b, out, out_step);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(multiply_float32);
HWY_EXPORT(multiply_float64);

template <typename T>
bool is_small(const Product<T>& p) {
  constexpr int64_t kMaxWork = int64_t(1) << 20, kMaxPanels = 1 << 15;
  return p.m * p.n * p.k <= kMaxWork || p.n * p.k <= kMaxPanels;
}

template <typename W>
void multiply_wide(int64_t m, int64_t n, int64_t k, const MatrixView<W>& a, const MatrixView<W>& b,
                   W* out, int64_t out_step) {
  if constexpr (std::is_same_v<W, float>)
    HWY_DYNAMIC_DISPATCH(multiply_float32)(m, n, k, a, b, out, out_step);
  else
    HWY_DYNAMIC_DISPATCH(multiply_float64)(m, n, k, a, b, out, out_step);
}

template <typename T>
void multiply_small(const Product<T>& p) {
  if constexpr (is_half_v<T>) {
    // A block of rows at a time, for A may be long.
    const int64_t block = std::min(p.m, std::max<int64_t>(384, (1 << 20) / std::max(p.k, p.n)));
    Scratch<float> a(block * p.k), b(p.k * p.n), sums(block * p.n);
    const auto right = pack_matrix(p.b, p.k, p.n, b.data());
    for (int64_t i = 0; i < p.m; i += block) {
      const int64_t rows = std::min(block, p.m - i);
      const auto left = pack_matrix(p.a.from(i, 0), rows, p.k, a.data());
      multiply_wide<float>(rows, p.n, p.k, left, right, sums.data(), p.n);
      finish_block(p, i, 0, rows, p.n, sums.data(), p.n);
    }
  } else {
    multiply_wide<T>(p.m, p.n, p.k, p.a, p.b, p.d, p.d_row_stride);
    if (!p.is_plain()) finish_block(p, 0, 0, p.m, p.n, p.d, p.d_row_stride);
  }
}

#define INSTANTIATE(T)                       \
  template bool is_small(const Product<T>&); \
  template void multiply_small(const Product<T>&);
INSTANTIATE(float16_t)
INSTANTIATE(bfloat16_t)
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

}  // namespace mlx::core::cpu
#endif
