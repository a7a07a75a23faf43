// Attention of one or a few queries, of which each reads all keys: a simdgroup has a feature or a
// few of a query in each lane, and its keys one after another. Many keys are cut into chunks, whose
// results are merged.
#include "gpu/kernels/attention.h"
#include "gpu/kernels/pack.h"

#define FEW_SIMDS 8
/// Keys that are on their way at once.
#define FEW_KEYS 4

struct ChunkNumbers {
  /// Keys in a chunk, and chunks of a row.
  int64_t chunk, chunks;
};

/// A lane's features of a row, zeros past the end. `is_packed`: all inside or outside, and aligned.
template <bool is_packed, int features, typename T>
inline void load_few(thread float* to, HeadMatrix<T> matrix, int64_t row, int64_t feature0,
                     int64_t columns) {
  device const T* from = matrix.data + row * matrix.row_stride;
  if (is_packed) {
    Pack<T, features> pack = splat_pack<features>(T(0.0f));
    if (feature0 < columns) pack = load_pack<features>(from, feature0);
    for (int f = 0; f < features; ++f) to[f] = float(pack.values[f]);
  } else {
    for (int f = 0; f < features; ++f)
      to[f] = feature0 + f < columns ? float(from[(feature0 + f) * matrix.column_stride]) : 0.0f;
  }
}

/// A softmax over the scores that a simdgroup has seen, with the results so far.
template <int features>
struct PartialResult {
  float largest, total;
  float values[features];

  void begin() {
    largest = -INFINITY;
    total = 0.0f;
    for (int f = 0; f < features; ++f) values[f] = 0.0f;
  }
  /// Makes room for a score as large; returns the factor of what was there.
  float raise(float score) {
    // NaN stays.
    if (score <= largest || is_nan(largest)) return 1.0f;
    const float factor = total == 0.0f ? 0.0f : exp_of_negative(largest - score);
    largest = score;
    total *= factor;
    for (int f = 0; f < features; ++f) values[f] *= factor;
    return factor;
  }
  /// The weight of a score after that; differences of two -inf count for nothing.
  float weight(float score) const {
    return largest == -INFINITY ? 0.0f : exp_of_negative(score - largest);
  }
};

template <int dims, int features, bool is_packed, MaskKind kind, bool has_sinks, bool is_whole,
          typename T, typename M, typename Y>
inline void attention_few(device const T* q, device const T* k, device const T* v,
                          device const M* masks, device const float* sinks, device Y* y,
                          constant AttentionArguments<dims>& p, constant ChunkNumbers& n,
                          threadgroup float* shared, Group g) {
  const int64_t row = int64_t(g.tgid.x) / n.chunks, chunk = int64_t(g.tgid.x) - row * n.chunks;
  const int64_t number = row / p.queries, query = row - number * p.queries;
  TileOfHead t;
  t.batch = number / p.heads;
  t.head = number - t.batch * p.heads;
  t.first = query;
  const int64_t key_head = t.head / (p.heads / p.key_heads);
  const HeadMatrix<T> queries = matrix_of<dims>(q, p.q, p, t.batch, t.head);
  const HeadMatrix<T> keys = matrix_of<dims>(k, p.k, p, t.batch, key_head);
  const HeadMatrix<T> values = matrix_of<dims>(v, p.v, p, t.batch, key_head);
  const HeadMask<kind, M> mask = mask_of<kind, dims>(masks, p, t.batch, t.head);
  // Lanes have neighbouring features.
  const int64_t feature0 = int64_t(g.lane) * features;
  float own[features];
  for (int f = 0; f < features; ++f)
    own[f] = feature0 + f < p.width ? queries.at(query, feature0 + f) * p.scale : 0.0f;
  PartialResult<features> result;
  result.begin();
  if (has_sinks && chunk == 0 && g.simd == 0) {
    result.largest = sink_of<dims>(sinks, p, t);
    result.total =
        result.largest == -INFINITY ? 0.0f : exp_of_negative(result.largest - result.largest);
  }
  const int64_t begin = chunk * n.chunk;
  const int64_t end = begin + n.chunk < p.keys ? begin + n.chunk : p.keys;
  for (int64_t key0 = begin + int64_t(g.simd) * FEW_KEYS; key0 < end;
       key0 += FEW_SIMDS * FEW_KEYS) {
    float scores[FEW_KEYS], rows[FEW_KEYS * features], highest = -INFINITY;
    for (int u = 0; u < FEW_KEYS; ++u)
      load_few<is_packed, features>(rows + u * features, keys, key0 + u < end ? key0 + u : end - 1,
                                    feature0, p.width);
    for (int u = 0; u < FEW_KEYS; ++u) {
      float score = 0.0f;
      for (int f = 0; f < features; ++f) score = fma(own[f], rows[u * features + f], score);
      score = combine_lanes<PlainSum>(score, SIMD_WIDTH);
      scores[u] = key0 + u < end ? mask.masked(score, query, key0 + u) : -INFINITY;
      highest = LargestOf::combine(highest, scores[u]);
    }
    result.raise(highest);
    for (int u = 0; u < FEW_KEYS; ++u)
      load_few<is_packed, features>(rows + u * features, values,
                                    key0 + u < end ? key0 + u : end - 1, feature0, p.value_width);
    for (int u = 0; u < FEW_KEYS; ++u) {
      if (key0 + u >= end) break;
      const float weight = result.weight(scores[u]);
      result.total += weight;
      for (int f = 0; f < features; ++f)
        result.values[f] = fma(weight, rows[u * features + f], result.values[f]);
    }
  }
  // The simdgroups' results become one, in their order.
  const int line = SIMD_WIDTH * features + 2;
  threadgroup float* place = shared + int(g.simd) * line;
  if (g.lane == 0) {
    place[0] = result.largest;
    place[1] = result.total;
  }
  for (int f = 0; f < features; ++f) place[2 + int(g.lane) * features + f] = result.values[f];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (g.simd != 0) return;
  for (int s = 1; s < FEW_SIMDS; ++s) {
    threadgroup const float* other = shared + s * line;
    result.raise(other[0]);
    const float weight = other[1] == 0.0f ? 0.0f : result.weight(other[0]);
    result.total += other[1] * weight;
    for (int f = 0; f < features; ++f)
      result.values[f] = fma(weight, other[2 + int(g.lane) * features + f], result.values[f]);
  }
  if constexpr (is_whole) {
    for (int f = 0; f < features; ++f)
      if (feature0 + f < p.value_width)
        y[row * p.value_width + feature0 + f] = Y(result.values[f] / result.total);
  } else {
    device float* to = y + (row * n.chunks + chunk) * line;
    if (g.lane == 0) {
      to[0] = result.largest;
      to[1] = result.total;
    }
    for (int f = 0; f < features; ++f) to[2 + int(g.lane) * features + f] = result.values[f];
  }
}

/// Merges the chunks of a row; a simdgroup a row.
template <int dims, int features, typename T>
inline void attention_merge(device const float* x, device T* y,
                            constant AttentionArguments<dims>& p, constant ChunkNumbers& n,
                            Group g) {
  const int64_t row = g.tgid.x, feature0 = int64_t(g.lane) * features;
  const int line = SIMD_WIDTH * features + 2;
  PartialResult<features> result;
  result.begin();
  for (int64_t chunk = 0; chunk < n.chunks; ++chunk) {
    device const float* other = x + (row * n.chunks + chunk) * line;
    result.raise(other[0]);
    const float weight = other[1] == 0.0f ? 0.0f : result.weight(other[0]);
    result.total += other[1] * weight;
    for (int f = 0; f < features; ++f)
      result.values[f] = fma(weight, other[2 + int(g.lane) * features + f], result.values[f]);
  }
  for (int f = 0; f < features; ++f)
    if (feature0 + f < p.value_width)
      y[row * p.value_width + feature0 + f] = T(result.values[f] / result.total);
}
