// Products of matrices by tiles: D = alpha A B + beta C. Half types are multiplied and summed in
// float32 and rounded once, integers wrap, bool is "or" of "and".
#include "gpu/kernels/elementwise.h"
#include "gpu/kernels/index.h"
#include "gpu/kernels/pack.h"

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

/// What one thread loads of the next part of a matrix. Threads lie along what is side by side in
/// memory: `inner_lines` says that this is the inner dimension.
template <typename T, int tile, int depth, bool inner_lines>
struct TileLoader {
  enum { count = tile * depth / 256 };

  /// The thread's first element in a tile, and the elements from one of its own to the next.
  static int outer(int thread_number) {
    return inner_lines ? thread_number / depth : thread_number % tile;
  }
  static int inner(int thread_number) {
    return inner_lines ? thread_number % depth : thread_number / tile;
  }
  enum { outer_step = inner_lines ? 256 / depth : 0, inner_step = inner_lines ? 0 : 256 / tile };

  static void load(device const T* x, int64_t outer_stride, int64_t inner_stride, int64_t outers,
                   int64_t inners, thread PRODUCT_SUM(T) * values) {
    using Sum = PRODUCT_SUM(T);
    const int64_t step = outer_step * outer_stride + inner_step * inner_stride;
    for (int u = 0; u < count; ++u)
      values[u] = u * outer_step < outers && u * inner_step < inners ? convert<Sum>(x[u * step])
                                                                     : zero_of<Sum>();
  }
  static void store(threadgroup PRODUCT_SUM(T) * to, thread const PRODUCT_SUM(T) * values, int line,
                    int thread_number) {
    for (int u = 0; u < count; ++u)
      to[(inner(thread_number) + u * inner_step) * line + outer(thread_number) + u * outer_step] =
          values[u];
  }
};

/// What a product of a batch is of, from its own matrices on: elements to A and to B, and the inner
/// dimension.
struct ProductPlace {
  int64_t a, b, k;
};

/// Its own matrices as they are.
struct OwnMatrices {
  template <int dims>
  void choose(int64_t, constant MatmulArguments<dims>&, thread ProductPlace&) const {}
};

struct GatherNumbers {
  /// From one index to the next, matrices there are, and elements from one to the next.
  int64_t a_index_step, b_index_step, a_count, b_count, a_step, b_step;
};
/// Matrices that indices name.
template <typename I, typename J>
struct GatheredMatrices {
  device const I* a_indices;
  device const J* b_indices;
  GatherNumbers n;

  template <int dims>
  void choose(int64_t number, constant MatmulArguments<dims>&, thread ProductPlace& place) const {
    const int64_t i = wrapped(a_indices[number * n.a_index_step], n.a_count);
    const int64_t j = wrapped(b_indices[number * n.b_index_step], n.b_count);
    place.a = clamped(i, n.a_count) * n.a_step;
    place.b = clamped(j, n.b_count) * n.b_step;
  }
};

struct SegmentNumbers {
  /// From one segment to the next, and from its first bound to the other.
  int64_t step, side;
};
/// Slices of the inner dimension; one past its end is a bound, too.
template <typename I>
struct SegmentSlices {
  device const I* bounds;
  SegmentNumbers n;

  int64_t bound(int64_t number, int64_t size) const {
    return clamped(wrapped(bounds[number], size), size + 1);
  }
  template <int dims>
  void choose(int64_t number, constant MatmulArguments<dims>& p, thread ProductPlace& place) const {
    const int64_t begin = bound(number * n.step, p.k), end = bound(number * n.step + n.side, p.k);
    place.a = begin * p.a_column;
    place.b = begin * p.b_row;
    place.k = end > begin ? end - begin : 0;
  }
};

/// A group of 256 threads computes a tile of `tile` x `tile` elements, each thread a square of them
/// that is spread over the tile, with `depth` steps of the inner dimension at a time in threadgroup
/// memory. Two parts take turns: one is read while the next is on its way. `a_rows` and `b_rows`
/// say whether neighbours along a row are side by side in memory.
template <typename T, int tile, int depth, int batch_dims, bool a_rows, bool b_rows, bool is_scaled,
          bool has_c, typename Choice>
inline void matmul_tiles(device const T* a, device const T* b, device const T* c, device T* d,
                         constant MatmulArguments<batch_dims>& p,
                         threadgroup PRODUCT_SUM(T) * a_tile, threadgroup PRODUCT_SUM(T) * b_tile,
                         Choice choice, Group g) {
  using Sum = PRODUCT_SUM(T);
  using ALoader = TileLoader<T, tile, depth, a_rows>;
  using BLoader = TileLoader<T, tile, depth, !b_rows>;
  const int side = 16, each = tile / side, line = tile + 4, part = depth * line;
  // Groups count columns of tiles first, then rows, then matrices.
  const int64_t column_tiles = (p.n + tile - 1) / tile, row_tiles = (p.m + tile - 1) / tile;
  int64_t batch = int64_t(g.tgid.x) / column_tiles;
  const int64_t column0 = (int64_t(g.tgid.x) - batch * column_tiles) * tile;
  const int64_t row0 = batch % row_tiles * tile;
  batch /= row_tiles;
  d += batch * p.m * p.d_row;
  ProductPlace place;
  place.a = place.b = 0;
  place.k = p.k;
  choice.choose(batch, p, place);
  a += place.a;
  b += place.b;
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
  const int64_t am = row0 + ALoader::outer(thread_number), ak = ALoader::inner(thread_number);
  const int64_t bn = column0 + BLoader::outer(thread_number), bk = BLoader::inner(thread_number);
  a += am * p.a_row + ak * p.a_column;
  b += bn * p.b_column + bk * p.b_row;
  Sum a_next[ALoader::count], b_next[BLoader::count];
  ALoader::load(a, p.a_row, p.a_column, p.m - am, place.k - ak, a_next);
  BLoader::load(b, p.b_column, p.b_row, p.n - bn, place.k - bk, b_next);
  int turn = 0;
  for (int64_t k0 = 0; k0 < place.k; k0 += depth) {
    threadgroup Sum* a_part = a_tile + turn * part;
    threadgroup Sum* b_part = b_tile + turn * part;
    turn = 1 - turn;
    ALoader::store(a_part, a_next, line, thread_number);
    BLoader::store(b_part, b_next, line, thread_number);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    const int64_t next = k0 + depth;
    if (next < place.k) {
      a += depth * p.a_column;
      b += depth * p.b_row;
      ALoader::load(a, p.a_row, p.a_column, p.m - am, place.k - next - ak, a_next);
      BLoader::load(b, p.b_column, p.b_row, p.n - bn, place.k - next - bk, b_next);
    }
    // Past the end both sides are zeros.
    for (int k = 0; k < depth; ++k) {
      Sum x[each], y[each];
      // Four neighbours at a time, a quarter of the tile or more apart.
      for (int i = 0; i < each; i += 4) {
        const Pack<Sum, 4> some =
            *(threadgroup const Pack<Sum, 4>*)(a_part + k * line + i * side + ty * 4);
        const Pack<Sum, 4> others =
            *(threadgroup const Pack<Sum, 4>*)(b_part + k * line + i * side + tx * 4);
        for (int q = 0; q < 4; ++q) {
          x[i + q] = some.values[q];
          y[i + q] = others.values[q];
        }
      }
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
