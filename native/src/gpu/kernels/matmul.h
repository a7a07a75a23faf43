// Products of matrices by tiles: D = alpha A B + beta C. Half types are multiplied and summed in
// float32 and rounded once, integers wrap, bool is "or" of "and".
#include "gpu/kernels/elementwise.h"

/// What sums of products of a type are kept in.
template <typename T>
struct ProductSum {
  using type = T;
};
template <>
struct ProductSum<half> {
  using type = float;
};
template <>
struct ProductSum<bfloat> {
  using type = float;
};
#define PRODUCT_SUM(T) typename ProductSum<T>::type

inline float multiply_add(float a, float b, float sum) { return fma(a, b, sum); }
template <typename T>
inline T multiply_add(T a, T b, T sum) {
  return Add(Multiply(a, b), sum);
}
template <typename T>
inline T zero_of() {
  return convert<T>(uint8_t(0));
}

template <int batch_dims>
struct MatmulArguments {
  int64_t m, n, k;
  int64_t a_row, a_column, b_row, b_column, c_row, c_column, d_row;
  int64_t batch_shape[batch_dims];
  int64_t a_batch[batch_dims], b_batch[batch_dims], c_batch[batch_dims];
  float alpha, beta;
};

/// What becomes of a sum. alpha and beta are 1 in all but few cases, which then cost nothing.
template <typename T, bool is_scaled, bool has_c>
inline T finish_product(PRODUCT_SUM(T) sum, T c, float alpha, float beta) {
  using Sum = PRODUCT_SUM(T);
  if (is_scaled) sum = Multiply(convert<Sum>(alpha), sum);
  if (has_c) {
    Sum addend = convert<Sum>(c);
    if (is_scaled) addend = Multiply(convert<Sum>(beta), addend);
    sum = Add(sum, addend);
  }
  return convert<T>(sum);
}

/// A group of 256 threads computes a tile of `tile` x `tile` elements, each thread a square of them
/// that is spread over the tile, with `depth` steps of the inner dimension at a time in threadgroup
/// memory. The next steps are on their way while the sums go on. `a_rows` and `b_rows` say whether
/// neighbours along a row are side by side in memory, which is how threads are laid over them.
template <typename T, int tile, int depth, int batch_dims, bool a_rows, bool b_rows, bool is_scaled,
          bool has_c>
inline void matmul_tiles(device const T* a, device const T* b, device const T* c, device T* d,
                         constant MatmulArguments<batch_dims>& p,
                         threadgroup PRODUCT_SUM(T) * a_tile, threadgroup PRODUCT_SUM(T) * b_tile,
                         Group g) {
  using Sum = PRODUCT_SUM(T);
  const int side = 16, each = tile / side, loads = tile * depth / 256, line = tile + 4;
  const int64_t row0 = int64_t(g.tgid.y) * tile, column0 = int64_t(g.tgid.x) * tile;
  int64_t batch = g.tgid.z;
  d += batch * p.m * p.d_row;
  for (int i = batch_dims - 1; i >= 0; --i) {
    const int64_t next = batch / p.batch_shape[i], at = batch - next * p.batch_shape[i];
    a += at * p.a_batch[i];
    b += at * p.b_batch[i];
    if (has_c) c += at * p.c_batch[i];
    batch = next;
  }
  const int thread_number = int(g.tid.x), tx = thread_number % side, ty = thread_number / side;
  Sum sums[each * each];
  for (int i = 0; i < each * each; ++i) sums[i] = zero_of<Sum>();
  Sum a_next[loads], b_next[loads];
  for (int64_t k0 = 0; k0 < p.k + depth; k0 += depth) {
    // The steps that were loaded in the last round go into the tile.
    if (k0 > 0) {
      threadgroup_barrier(mem_flags::mem_threadgroup);
      for (int u = 0; u < loads; ++u) {
        const int number = u * 256 + thread_number;
        const int ak = a_rows ? number % depth : number / tile;
        const int am = a_rows ? number / depth : number % tile;
        a_tile[ak * line + am] = a_next[u];
        const int bk = b_rows ? number / tile : number % depth;
        const int bn = b_rows ? number % tile : number / depth;
        b_tile[bk * line + bn] = b_next[u];
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    if (k0 < p.k) {
      for (int u = 0; u < loads; ++u) {
        const int number = u * 256 + thread_number;
        const int64_t ak = k0 + (a_rows ? number % depth : number / tile);
        const int64_t am = row0 + (a_rows ? number / depth : number % tile);
        a_next[u] =
            ak < p.k && am < p.m ? convert<Sum>(a[am * p.a_row + ak * p.a_column]) : zero_of<Sum>();
        const int64_t bk = k0 + (b_rows ? number / tile : number % depth);
        const int64_t bn = column0 + (b_rows ? number % tile : number / depth);
        b_next[u] =
            bk < p.k && bn < p.n ? convert<Sum>(b[bk * p.b_row + bn * p.b_column]) : zero_of<Sum>();
      }
    }
    if (k0 == 0) continue;
    const int steps = p.k - (k0 - depth) < depth ? int(p.k - (k0 - depth)) : depth;
    for (int k = 0; k < depth; ++k) {
      if (k >= steps) break;
      Sum x[each], y[each];
      // Four neighbours at a time, a quarter of the tile or more apart.
      for (int i = 0; i < each; ++i)
        x[i] = a_tile[k * line + (i / 4) * (side * 4) + ty * 4 + i % 4];
      for (int j = 0; j < each; ++j)
        y[j] = b_tile[k * line + (j / 4) * (side * 4) + tx * 4 + j % 4];
      for (int i = 0; i < each; ++i)
        for (int j = 0; j < each; ++j)
          sums[i * each + j] = multiply_add(x[i], y[j], sums[i * each + j]);
    }
  }
  for (int i = 0; i < each; ++i) {
    const int64_t row = row0 + (i / 4) * (side * 4) + ty * 4 + i % 4;
    for (int j = 0; j < each; ++j) {
      const int64_t column = column0 + (j / 4) * (side * 4) + tx * 4 + j % 4;
      if (row >= p.m || column >= p.n) continue;
      T addend = has_c ? c[row * p.c_row + column * p.c_column] : zero_of<T>();
      d[row * p.d_row + column] =
          finish_product<T, is_scaled, has_c>(sums[i * each + j], addend, p.alpha, p.beta);
    }
  }
}
