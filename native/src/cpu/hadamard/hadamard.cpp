#include "cpu/hadamard/hadamard.h"

#include <algorithm>
#include <array>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/scratch.h"
#include "cpu/matmul/widen.h"
#include "primitives/hadamard_factor.h"
#include "primitives/hadamard_matrix.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// Sums and differences of numbers half a block apart, for blocks of all sizes (the fast
/// Walsh-Hadamard transform).
template <typename W>
void transform_power_of_two(W* x, int64_t size) {
  for (int64_t half = 1; half < size; half *= 2)
    for (int64_t begin = 0; begin < size; begin += 2 * half) {
      W *a = x + begin, *b = a + half;
      for (int64_t i = 0; i < half; ++i) {
        const W sum = a[i] + b[i];
        b[i] = a[i] - b[i];
        a[i] = sum;
      }
    }
}

/// Combines m runs of a row by the rows of H_m, a few columns at a time.
template <typename W>
void combine_runs(const HadamardMatrix& matrix, bool transpose, int64_t length, W* x) {
  constexpr int64_t kColumns = 64;
  const int m = matrix.size;
  W sums[kMaxHadamard][kColumns];
  for (int64_t begin = 0; begin < length; begin += kColumns) {
    const int64_t count = std::min(kColumns, length - begin);
    for (int i = 0; i < m; ++i) {
      std::fill_n(sums[i], count, W(0));
      for (int j = 0; j < m; ++j) {
        const W sign = W(transpose ? matrix.signs[j][i] : matrix.signs[i][j]);
        const W* run = x + j * length + begin;
        for (int64_t k = 0; k < count; ++k) sums[i][k] += sign * run[k];
      }
    }
    for (int i = 0; i < m; ++i) std::copy_n(sums[i], count, x + i * length + begin);
  }
}

template <typename T>
void transform(const T* in, int64_t rows, int64_t size, double scale, bool transpose, T* out) {
  using W = Wide<T>;
  constexpr int64_t kTaskElements = 16384;
  const int64_t m = hadamard_factor(size), length = size / m;
  const HadamardMatrix matrix = hadamard_matrix(int(m));
  parallel_for(size_t(rows), size_t(std::max<int64_t>(1, kTaskElements / size)),
               [&](size_t begin, size_t end) {
                 Scratch<W> row(size);
                 W* x = row.data();
                 for (int64_t r = int64_t(begin); r < int64_t(end); ++r) {
                   widen(in + r * size, size, x);
                   for (int64_t run = 0; run < m; ++run)
                     transform_power_of_two(x + run * length, length);
                   if (m > 1) combine_runs(matrix, transpose, length, x);
                   for (int64_t i = 0; i < size; ++i) x[i] *= W(scale);
                   narrow(x, size, out + r * size);
                 }
               });
}

}  // namespace

void hadamard(Dtype dtype, const void* in, int64_t rows, int64_t size, double scale, bool transpose,
              void* out) {
  dispatch_float(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    transform(static_cast<const T*>(in), rows, size, scale, transpose, static_cast<T*>(out));
  });
}

}  // namespace mlx::core::cpu
