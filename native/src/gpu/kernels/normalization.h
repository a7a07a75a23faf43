// RMS norm and layer norm of contiguous rows, and their gradients, in float32 whatever the type.
#include "gpu/kernels/pack.h"
#include "gpu/kernels/reduce_ops.h"
#include "gpu/kernels/simd.h"

struct NormalizationArguments {
  int64_t rows, columns;
  float eps;
};

/// What a row is shifted and scaled by.
struct Moments {
  float mean, scale;
};

using RowSum = FloatSumOf<float, float>;

/// A row that `lanes` threads read in packs, some other thread's if there are more threads than
/// rows.
template <typename T, int lanes, int pack>
struct NormalizedRow {
  int64_t row, columns;
  int64_t lane;

  static NormalizedRow of(constant NormalizationArguments& p, Group g) {
    NormalizedRow r;
    const int64_t thread_number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
    r.row = thread_number / lanes;
    r.lane = thread_number % lanes;
    r.columns = r.row < p.rows ? p.columns : 0;
    return r;
  }
  int64_t first() const { return lane * pack; }
  int64_t step() const { return int64_t(lanes) * pack; }
};

template <typename T, int lanes, int pack, bool is_centred>
inline Moments moments_of(device const T* from, NormalizedRow<T, lanes, pack> r,
                          constant NormalizationArguments& p, threadgroup TwoFloats* part,
                          Group g) {
  Moments moments;
  moments.mean = 0.0f;
  if (is_centred) {
    TwoFloats sum = RowSum::identity();
    for (int64_t at = r.first(); at < r.columns; at += r.step()) {
      const Pack<T, pack> one = load_pack<pack>(from, at);
      for (int k = 0; k < pack; ++k)
        sum = RowSum::combine(sum, RowSum::load(float(one.values[k]), 0));
    }
    sum = combine_row<RowSum, lanes>(sum, part, g);
    moments.mean = (sum.high + sum.low) / float(p.columns);
  }
  TwoFloats squares = RowSum::identity();
  for (int64_t at = r.first(); at < r.columns; at += r.step()) {
    const Pack<T, pack> one = load_pack<pack>(from, at);
    for (int k = 0; k < pack; ++k) {
      const float x = float(one.values[k]) - moments.mean;
      squares = RowSum::combine(squares, RowSum::load(x * x, 0));
    }
  }
  squares = combine_row<RowSum, lanes>(squares, part, g);
  moments.scale = 1.0f / sqrt((squares.high + squares.low) / float(p.columns) + p.eps);
  return moments;
}

template <typename T, int lanes, int pack, bool is_centred>
inline void normalize_rows(device const T* x, device const T* weight, device const T* bias,
                           device T* y, constant NormalizationArguments& p,
                           threadgroup TwoFloats* part, Group g) {
  const NormalizedRow<T, lanes, pack> r = NormalizedRow<T, lanes, pack>::of(p, g);
  device const T* from = x + r.row * p.columns;
  const Moments m = moments_of<T, lanes, pack, is_centred>(from, r, p, part, g);
  for (int64_t at = r.first(); at < r.columns; at += r.step()) {
    Pack<T, pack> one = load_pack<pack>(from, at), shift = one;
    const Pack<T, pack> factor = load_pack<pack>(weight, at);
    if (is_centred) shift = load_pack<pack>(bias, at);
    for (int k = 0; k < pack; ++k) {
      float value = (float(one.values[k]) - m.mean) * m.scale * float(factor.values[k]);
      if (is_centred) value += float(shift.values[k]);
      one.values[k] = T(value);
    }
    store_pack<pack>(y + r.row * p.columns, at, one);
  }
}

/// With z the normalized row and g = dy * weight: dx = scale * (g - mean(g) - z * mean(g * z)),
/// where RMS norm has no mean(g). Leaves the rows' moments.
template <typename T, int lanes, int pack, bool is_centred>
inline void normalize_gradient_rows(device const T* x, device const T* weight, device const T* dy,
                                    device T* dx, device Moments* moments,
                                    constant NormalizationArguments& p, threadgroup TwoFloats* part,
                                    Group g) {
  const NormalizedRow<T, lanes, pack> r = NormalizedRow<T, lanes, pack>::of(p, g);
  device const T* from = x + r.row * p.columns;
  device const T* slopes = dy + r.row * p.columns;
  const Moments m = moments_of<T, lanes, pack, is_centred>(from, r, p, part, g);
  TwoFloats sum = RowSum::identity(), product = sum;
  for (int64_t at = r.first(); at < r.columns; at += r.step()) {
    const Pack<T, pack> one = load_pack<pack>(from, at), slope = load_pack<pack>(slopes, at),
                        factor = load_pack<pack>(weight, at);
    for (int k = 0; k < pack; ++k) {
      const float own = float(slope.values[k]) * float(factor.values[k]);
      const float z = (float(one.values[k]) - m.mean) * m.scale;
      if (is_centred) sum = RowSum::combine(sum, RowSum::load(own, 0));
      product = RowSum::combine(product, RowSum::load(own * z, 0));
    }
  }
  if (is_centred) sum = combine_row<RowSum, lanes>(sum, part, g);
  product = combine_row<RowSum, lanes>(product, part, g);
  const float mean_slope = (sum.high + sum.low) / float(p.columns);
  const float mean_product = (product.high + product.low) / float(p.columns);
  for (int64_t at = r.first(); at < r.columns; at += r.step()) {
    Pack<T, pack> one = load_pack<pack>(from, at);
    const Pack<T, pack> slope = load_pack<pack>(slopes, at), factor = load_pack<pack>(weight, at);
    for (int k = 0; k < pack; ++k) {
      const float own = float(slope.values[k]) * float(factor.values[k]);
      const float z = (float(one.values[k]) - m.mean) * m.scale;
      one.values[k] = T(m.scale * ((own - mean_slope) - z * mean_product));
    }
    store_pack<pack>(dx + r.row * p.columns, at, one);
  }
  if (r.columns > 0 && r.lane == 0) moments[r.row] = m;
}

struct VectorGradientArguments {
  int64_t rows, columns;
  /// Rows that a group takes, and how many groups share a column.
  int64_t chunk, splits;
};

#define VECTOR_GRADIENT_SIMDS 8

/// Sums of dy * z and, for layer norm, of dy over the rows of a chunk: parts[0][split][column] and
/// parts[1][split][column]. A thread a column, and the group's simdgroups share the rows.
template <typename T, bool is_centred>
inline void normalize_gradient_vectors(device const T* x, device const T* dy,
                                       device const Moments* moments, device float* parts,
                                       constant VectorGradientArguments& p, threadgroup float* part,
                                       Group g) {
  const int64_t column = int64_t(g.tgid.x) * SIMD_WIDTH + g.lane;
  const int64_t begin = int64_t(g.tgid.y) * p.chunk;
  const int64_t end = begin + p.chunk < p.rows ? begin + p.chunk : p.rows;
  float product = 0.0f, sum = 0.0f;
  if (column < p.columns)
    for (int64_t row = begin + g.simd; row < end; row += VECTOR_GRADIENT_SIMDS) {
      const Moments m = moments[row];
      const float slope = float(dy[row * p.columns + column]);
      product += slope * ((float(x[row * p.columns + column]) - m.mean) * m.scale);
      sum += slope;
    }
  const uint at = g.simd * SIMD_WIDTH + g.lane;
  part[at] = product;
  if (is_centred) part[VECTOR_GRADIENT_SIMDS * SIMD_WIDTH + at] = sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (g.simd != 0 || column >= p.columns) return;
  for (uint vector = 0; vector < (is_centred ? 2u : 1u); ++vector) {
    threadgroup float* own = part + vector * VECTOR_GRADIENT_SIMDS * SIMD_WIDTH + g.lane;
    float total = own[0];
    for (uint simd = 1; simd < VECTOR_GRADIENT_SIMDS; ++simd) total += own[simd * SIMD_WIDTH];
    parts[(vector * p.splits + int64_t(g.tgid.y)) * p.columns + column] = total;
  }
}
