// Rows times H_m (x) H_2^k, H being Hadamard matrices.
#include "gpu/kernels/convert.h"

struct HadamardArguments {
  /// Threads, and elements from one number of a thread to the next.
  int64_t count, stride;
  float scale;
};

/// Sums and differences of numbers half a block apart (the fast Walsh-Hadamard transform), for the
/// sizes of blocks that `radix` numbers of a thread make.
template <int radix, typename T, typename Y>
inline void hadamard_step(device const T* x, device Y* y, constant HadamardArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  const int64_t block = number / p.stride;
  const int64_t first = block * radix * p.stride + (number - block * p.stride);
  float values[radix];
  for (int k = 0; k < radix; ++k) values[k] = float(x[first + k * p.stride]);
  for (int half_size = 1; half_size < radix; half_size *= 2)
    for (int k = 0; k < radix; ++k)
      if ((k & half_size) == 0) {
        const float a = values[k], b = values[k + half_size];
        values[k] = a + b;
        values[k + half_size] = a - b;
      }
  for (int k = 0; k < radix; ++k) y[first + k * p.stride] = Y(values[k] * p.scale);
}

/// Of each of m rows the numbers that count as -1.
template <int m>
struct HadamardSigns {
  uint rows[m];
};

/// Combines m runs of a row by the rows of H_m.
template <int m, typename T, typename Y>
inline void hadamard_combine(device const T* x, device Y* y, constant HadamardSigns<m>& signs,
                             constant HadamardArguments& p, Group g) {
  const int64_t number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  if (number >= p.count) return;
  const int64_t block = number / p.stride;
  const int64_t first = block * m * p.stride + (number - block * p.stride);
  float values[m];
  for (int k = 0; k < m; ++k) values[k] = float(x[first + k * p.stride]);
  for (int row = 0; row < m; ++row) {
    float sum = 0.0f;
    for (int k = 0; k < m; ++k) sum += signs.rows[row] >> k & 1u ? -values[k] : values[k];
    y[first + row * p.stride] = Y(sum * p.scale);
  }
}
