#include "cpu/matmul/pack.h"

#include <algorithm>
#include <cstdlib>

#include "cpu/matmul/widen.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

template <typename T>
void gather_run(const T* in, int64_t stride, int64_t count, Wide<T>* out) {
  if (stride == 1) return widen(in, count, out);
  if constexpr (is_half_v<T>) {
    constexpr int64_t kBlock = 512;
    T block[kBlock];
    for (int64_t i = 0; i < count; i += kBlock) {
      const int64_t size = std::min(kBlock, count - i);
      for (int64_t k = 0; k < size; ++k) block[k] = in[(i + k) * stride];
      widen(block, size, out + i);
    }
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = in[i * stride];
  }
}

template <typename T>
MatrixView<Wide<T>> pack_matrix(const MatrixView<T>& in, int64_t rows, int64_t columns,
                                Wide<T>* out) {
  constexpr int64_t kGrain = 16384;
  if (std::abs(in.row_stride) < std::abs(in.column_stride) && rows > 1)
    return pack_matrix(in.transposed(), columns, rows, out).transposed();
  parallel_for(size_t(rows), size_t(std::max<int64_t>(1, kGrain / columns)),
               [&](size_t begin, size_t end) {
                 for (int64_t i = int64_t(begin); i < int64_t(end); ++i)
                   gather_run(in.at(i, 0), in.column_stride, columns, out + i * columns);
               });
  return {out, columns, 1};
}

#define INSTANTIATE(T)                                            \
  template void gather_run(const T*, int64_t, int64_t, Wide<T>*); \
  template MatrixView<Wide<T>> pack_matrix(const MatrixView<T>&, int64_t, int64_t, Wide<T>*);
INSTANTIATE(float16_t)
INSTANTIATE(bfloat16_t)
INSTANTIATE(float)
INSTANTIATE(double)
INSTANTIATE(complex64_t)
#undef INSTANTIATE

}  // namespace mlx::core::cpu
