#include "cpu/matmul/epilogue.h"

#include <algorithm>

#include "cpu/matmul/widen.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// For types that hold their own sums.
template <typename W>
void scale_and_add(double alpha, double beta, int64_t count, const W* sums, const W* c,
                   int64_t c_stride, W* out, int64_t out_stride) {
  const W a(alpha), b(beta);
  if (c == nullptr) {
    for (int64_t i = 0; i < count; ++i) out[i * out_stride] = sums[i] * a;
  } else if (c_stride == 1 && out_stride == 1) {
    for (int64_t i = 0; i < count; ++i) out[i] = sums[i] * a + c[i] * b;
  } else {
    for (int64_t i = 0; i < count; ++i) out[i * out_stride] = sums[i] * a + c[i * c_stride] * b;
  }
}

template <typename T>
void finish_halves(const Product<T>& product, int64_t count, const float* sums, const T* c,
                   int64_t c_stride, T* d, int64_t d_stride) {
  constexpr int64_t kBlock = 512;
  float wide[kBlock];
  T halves[kBlock];
  for (int64_t i = 0; i < count; i += kBlock) {
    const int64_t size = std::min(kBlock, count - i);
    const float* values = sums + i;
    if (!product.is_plain()) {
      if (c) {
        for (int64_t k = 0; c_stride != 1 && k < size; ++k) halves[k] = c[(i + k) * c_stride];
        widen(c_stride == 1 ? c + i : halves, size, wide);
      }
      scale_and_add<float>(product.alpha, product.beta, size, values, c ? wide : nullptr, 1, wide,
                           1);
      values = wide;
    }
    narrow(values, size, d_stride == 1 ? d + i : halves);
    for (int64_t k = 0; d_stride != 1 && k < size; ++k) d[(i + k) * d_stride] = halves[k];
  }
}

}  // namespace

template <typename T>
void finish_run(const Product<T>& product, int64_t count, const Wide<T>* sums, const T* c,
                int64_t c_stride, T* d, int64_t d_stride) {
  if constexpr (is_half_v<T>)
    finish_halves(product, count, sums, c, c_stride, d, d_stride);
  else
    scale_and_add<T>(product.alpha, product.beta, count, sums, c, c_stride, d, d_stride);
}

template <typename T>
void finish_block(const Product<T>& product, int64_t row, int64_t column, int64_t rows,
                  int64_t columns, const Wide<T>* sums, int64_t sums_row_stride) {
  constexpr int64_t kGrain = 16384;
  parallel_for(
      size_t(rows), size_t(std::max<int64_t>(1, kGrain / columns)), [&](size_t begin, size_t end) {
        for (int64_t i = int64_t(begin); i < int64_t(end); ++i) {
          const T* c = product.c.data ? product.c.at(row + i, column) : nullptr;
          finish_run(product, columns, sums + i * sums_row_stride, c, product.c.column_stride,
                     product.d + (row + i) * product.d_row_stride + column, 1);
        }
      });
}

#define INSTANTIATE(T)                                                                        \
  template void finish_run(const Product<T>&, int64_t, const Wide<T>*, const T*, int64_t, T*, \
                           int64_t);                                                          \
  template void finish_block(const Product<T>&, int64_t, int64_t, int64_t, int64_t,           \
                             const Wide<T>*, int64_t);
INSTANTIATE(float16_t)
INSTANTIATE(bfloat16_t)
INSTANTIATE(float)
INSTANTIATE(double)
INSTANTIATE(complex64_t)
#undef INSTANTIATE

}  // namespace mlx::core::cpu
