// Highway compiles this file once for each SIMD target, for the compiler's own vectorisation.
#include "cpu/matmul/gemm_ways.h"

#include <algorithm>
#include <optional>

#include "array/dtype_dispatch.h"
#include "cpu/elementwise/scalar_ops.h"
#include "cpu/matmul/multiply_add.h"
#include "cpu/matmul/scratch.h"
#include "cpu/simd_targets.h"
#include "runtime/thread_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/matmul/integer_gemm.cpp"
#include "hwy/foreach_target.h"

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

/// Rows [begin, end), a strip of columns at a time, of which the sums stay in the nearest cache.
template <typename T>
void multiply_rows(const Product<T>& p, const MatrixView<T>& b, int64_t begin, int64_t end) {
  constexpr int64_t kStrip = 1024 / sizeof(T);
  T sums[kStrip];
  const T alpha = scalar::convert<T>(p.alpha), beta = scalar::convert<T>(p.beta);
  for (int64_t i = begin; i < end; ++i)
    for (int64_t j = 0; j < p.n; j += kStrip) {
      const int64_t width = std::min(kStrip, p.n - j);
      std::fill_n(sums, width, T(0));
      for (int64_t l = 0; l < p.k; ++l) {
        const T a = *p.a.at(i, l);
        const T* row = b.at(l, j);
        for (int64_t x = 0; x < width; ++x) sums[x] = multiply_add(sums[x], a, row[x]);
      }
      T* out = p.d + i * p.d_row_stride + j;
      for (int64_t x = 0; x < width; ++x) {
        out[x] = multiply_add(T(0), alpha, sums[x]);
        if (p.c.data) out[x] = multiply_add(out[x], beta, *p.c.at(i, j + x));
      }
    }
}

template <typename T>
void multiply(const Product<T>& p) {
  constexpr int64_t kGrain = int64_t(1) << 16;
  MatrixView<T> b = p.b;
  std::optional<Scratch<T>> copy;
  if (b.column_stride != 1) {
    copy.emplace(p.k * p.n);
    T* out = copy->data();
    parallel_for(size_t(p.k), size_t(std::max<int64_t>(1, kGrain / p.n)),
                 [&](size_t begin, size_t end) {
                   for (int64_t l = int64_t(begin); l < int64_t(end); ++l)
                     for (int64_t j = 0; j < p.n; ++j) out[l * p.n + j] = *p.b.at(l, j);
                 });
    b = {out, p.n, 1};
  }
  parallel_for(
      size_t(p.m), size_t(std::max<int64_t>(1, kGrain / (p.n * std::max<int64_t>(p.k, 1)))),
      [&](size_t begin, size_t end) { multiply_rows(p, b, int64_t(begin), int64_t(end)); });
}

// Exporting needs functions that are no templates.
#define DEFINE(T) \
  void multiply_##T(const Product<T>& product) { multiply(product); }
DEFINE(bool)
DEFINE(uint8_t)
DEFINE(uint16_t)
DEFINE(uint32_t)
DEFINE(uint64_t)
DEFINE(int8_t)
DEFINE(int16_t)
DEFINE(int32_t)
DEFINE(int64_t)
#undef DEFINE

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

#define DISPATCH(T)                                   \
  HWY_EXPORT(multiply_##T);                           \
  template <>                                         \
  void multiply_integers(const Product<T>& product) { \
    HWY_DYNAMIC_DISPATCH(multiply_##T)(product);      \
  }
DISPATCH(bool)
DISPATCH(uint8_t)
DISPATCH(uint16_t)
DISPATCH(uint32_t)
DISPATCH(uint64_t)
DISPATCH(int8_t)
DISPATCH(int16_t)
DISPATCH(int32_t)
DISPATCH(int64_t)
#undef DISPATCH

}  // namespace mlx::core::cpu
#endif
