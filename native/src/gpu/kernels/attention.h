// softmax(scale * q @ k^T + mask) @ v by tiles of 64 queries and 64 keys, without the matrix of
// scores in memory, and its gradients (T. Dao et al., arXiv 2205.14135). 256 threads in 16 rows of
// 16: each has 4 x 4 elements of a tile. All is computed in float32.
#include "gpu/kernels/index.h"
#include "gpu/kernels/softmax.h"

#define ATTENTION_TILE 64
// Of a product's factors as many are in threadgroup memory at once.
#define ATTENTION_DEPTH 16
// Lines of tiles in threadgroup memory, padded.
#define ATTENTION_LINE 68
// Columns of a result that a group computes.
#define ATTENTION_COLUMNS 128

/// One matrix for each head of each batch.
template <int dims>
struct HeadStrides {
  int64_t batch[dims], head, row, column;
};

template <int dims>
struct AttentionArguments {
  int64_t heads, key_heads, queries, keys, width, value_width;
  int64_t batch_shape[dims];
  HeadStrides<dims> q, k, v, mask, sinks, result, cotangent;
  float scale;
};

/// What a query's scores go through: its largest score, 1 / the sum of exponentials, and the
/// product of its result with the gradient of that.
struct QueryStatistics {
  float largest, inverse, dot;
};

template <typename T>
struct HeadMatrix {
  device const T* data;
  int64_t row_stride, column_stride;

  float at(int64_t row, int64_t column) const {
    return float(data[row * row_stride + column * column_stride]);
  }
};

template <int dims, typename T>
inline HeadMatrix<T> matrix_of(device const T* x, constant HeadStrides<dims>& strides,
                               constant AttentionArguments<dims>& p, int64_t batch, int64_t head) {
  HeadMatrix<T> matrix;
  matrix.data = x + place_of<dims>(batch, p.batch_shape, strides.batch) + head * strides.head;
  matrix.row_stride = strides.row;
  matrix.column_stride = strides.column;
  return matrix;
}

/// sums += factor * A B^T for the tile's rows of A, from row0 on, and of B, from column0 on; what
/// is past their ends counts as 0.
template <typename T>
inline void multiply_rows(thread float* sums, HeadMatrix<T> a, int64_t row0, int64_t rows,
                          HeadMatrix<T> b, int64_t column0, int64_t columns, int64_t depth,
                          float factor, threadgroup float* memory, Group g) {
  threadgroup float* a_tile = memory;
  threadgroup float* b_tile = memory + ATTENTION_DEPTH * ATTENTION_LINE;
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  for (int64_t begin = 0; begin < depth; begin += ATTENTION_DEPTH) {
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint line = i; line < ATTENTION_TILE; line += 16) {
      const int64_t at = begin + j;
      a_tile[j * ATTENTION_LINE + line] =
          at < depth && row0 + line < rows ? a.at(row0 + line, at) * factor : 0.0f;
      b_tile[j * ATTENTION_LINE + line] =
          at < depth && column0 + line < columns ? b.at(column0 + line, at) : 0.0f;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint d = 0; d < ATTENTION_DEPTH; ++d) {
      float x[4], y[4];
      for (uint k = 0; k < 4; ++k) {
        x[k] = a_tile[d * ATTENTION_LINE + 4 * i + k];
        y[k] = b_tile[d * ATTENTION_LINE + 4 * j + k];
      }
      for (uint r = 0; r < 4; ++r)
        for (uint c = 0; c < 4; ++c) sums[4 * r + c] = fma(x[r], y[c], sums[4 * r + c]);
    }
  }
}

/// sums += P B for a tile P that lies in `lines`, column by column, and the rows of B from row0 on.
/// A thread has 4 rows and 4 neighbouring columns of each 64.
template <int column_tiles, typename T>
inline void multiply_tile(thread float* sums, threadgroup float* lines, HeadMatrix<T> b,
                          int64_t row0, int64_t rows, int64_t column0, int64_t columns,
                          float factor, threadgroup float* memory, Group g) {
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  const uint width = ATTENTION_TILE * column_tiles;
  for (uint begin = 0; begin < ATTENTION_TILE; begin += ATTENTION_DEPTH) {
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint at = g.tid.x; at < ATTENTION_DEPTH * width; at += 256) {
      const uint line = at / width, column = at % width;
      const int64_t row = row0 + begin + line;
      memory[line * (width + 4) + column] =
          row < rows && column0 + column < columns ? b.at(row, column0 + column) * factor : 0.0f;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint d = 0; d < ATTENTION_DEPTH; ++d) {
      float x[4];
      for (uint k = 0; k < 4; ++k) x[k] = lines[(begin + d) * ATTENTION_LINE + 4 * i + k];
      for (uint tile = 0; tile < uint(column_tiles); ++tile)
        for (uint c = 0; c < 4; ++c) {
          const float y = memory[d * (width + 4) + tile * ATTENTION_TILE + 4 * j + c];
          for (uint r = 0; r < 4; ++r)
            sums[16 * tile + 4 * r + c] = fma(x[r], y, sums[16 * tile + 4 * r + c]);
        }
    }
  }
}

/// Writes the rows of a result.
template <int column_tiles, typename T>
inline void store_tile(device T* y, const thread float* sums, int64_t row0, int64_t rows,
                       int64_t column0, int64_t columns, Group g) {
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  for (uint tile = 0; tile < uint(column_tiles); ++tile)
    for (uint r = 0; r < 4; ++r)
      for (uint c = 0; c < 4; ++c) {
        const int64_t row = row0 + 4 * i + r, column = column0 + tile * ATTENTION_TILE + 4 * j + c;
        if (row < rows && column < columns)
          y[row * columns + column] = T(sums[16 * tile + 4 * r + c]);
      }
}

#define LOWEST_SCORE (-0x1.fffffep+127f)

/// Causal: the last query sees all keys, each one before it one less.
enum class MaskKind { none, causal, boolean, additive };

/// What a score becomes, and whether it doesn't depend on query and key.
template <MaskKind kind, typename M>
struct HeadMask {
  HeadMatrix<M> matrix;
  /// Keys before the first query's own.
  int64_t lead;

  bool hides(int64_t query, int64_t key) const {
    if constexpr (kind == MaskKind::causal)
      return key > query + lead;
    else if constexpr (kind == MaskKind::boolean)
      return !matrix.data[query * matrix.row_stride + key * matrix.column_stride];
    else
      return false;
  }
  float masked(float score, int64_t query, int64_t key) const {
    if constexpr (kind == MaskKind::additive)
      return score + matrix.at(query, key);
    else
      return hides(query, key) ? LOWEST_SCORE : score;
  }
};
template <MaskKind kind, int dims, typename M>
inline HeadMask<kind, M> mask_of(device const M* x, constant AttentionArguments<dims>& p,
                                 int64_t batch, int64_t head) {
  HeadMask<kind, M> mask;
  mask.matrix = matrix_of<dims>(x, p.mask, p, batch, head);
  mask.lead = p.keys - p.queries;
  return mask;
}

/// How many of the first keys a tile's queries may see. Queries that see none attend to all.
template <MaskKind kind, int dims>
inline int64_t visible_keys(int64_t query0, constant AttentionArguments<dims>& p) {
  const int64_t lead = p.keys - p.queries;
  if (kind != MaskKind::causal || query0 + lead < 0) return p.keys;
  const int64_t end = query0 + ATTENTION_TILE + lead;
  return end < p.keys ? end : p.keys;
}

/// The softmax of four queries' scores that come in tiles (M. Milakov and N. Gimelshein, 2018).
struct RunningSoftmax {
  float largest[4], total[4];

  void begin() {
    for (uint r = 0; r < 4; ++r) {
      largest[r] = -INFINITY;
      total[r] = 0.0f;
    }
  }
  /// One more score, the first.
  void begin_with(float score) {
    for (uint r = 0; r < 4; ++r) {
      largest[r] = score;
      total[r] = score == -INFINITY ? 0.0f : exp_of_negative(score - score);
    }
  }
  /// Replaces a query's 4 scores of a tile by their exponentials; returns the factor that earlier
  /// ones now need.
  float add(uint r, thread float* scores) {
    float highest = -INFINITY;
    for (uint c = 0; c < 4; ++c) highest = LargestOf::combine(highest, scores[c]);
    highest = combine_lanes<LargestOf>(highest, 16);
    // NaN stays.
    const float before = largest[r];
    const float next = highest <= before || is_nan(before) ? before : highest;
    const float factor = next == before     ? 1.0f
                         : total[r] == 0.0f ? 0.0f
                                            : exp_of_negative(before - next);
    largest[r] = next;
    float sum = 0.0f;
    for (uint c = 0; c < 4; ++c) {
      // Differences of two -inf are NaN; such scores count for nothing.
      scores[c] = next == -INFINITY ? 0.0f : exp_of_negative(scores[c] - next);
      sum += scores[c];
    }
    total[r] = total[r] * factor + combine_lanes<PlainSum>(sum, 16);
    return factor;
  }
};

/// Heads of a batch, and tiles of a head.
struct TileNumbers {
  int64_t heads, tiles;
};
/// Which tile a group works on: its head, and its first row.
struct TileOfHead {
  int64_t batch, head, first;
};
inline TileOfHead tile_of(constant TileNumbers& n, Group g) {
  const int64_t number = int64_t(g.tgid.x) / n.tiles;
  TileOfHead t;
  t.batch = number / n.heads;
  t.head = number - t.batch * n.heads;
  t.first = (int64_t(g.tgid.x) - number * n.tiles) * ATTENTION_TILE;
  return t;
}

/// A thread's scores of a tile of queries and keys, -inf past the ends.
template <int dims, typename T, typename Mask>
inline void compute_scores(thread float* scores, HeadMatrix<T> queries, int64_t query0,
                           HeadMatrix<T> keys, int64_t key0, int64_t end, Mask mask,
                           constant AttentionArguments<dims>& p, threadgroup float* memory,
                           Group g) {
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  for (uint at = 0; at < 16; ++at) scores[at] = 0.0f;
  multiply_rows(scores, queries, query0, p.queries, keys, key0, end, p.width, p.scale, memory, g);
  for (uint r = 0; r < 4; ++r)
    for (uint c = 0; c < 4; ++c) {
      const int64_t query = query0 + 4 * i + r, key = key0 + 4 * j + c;
      thread float& score = scores[4 * r + c];
      score = key < end && query < p.queries ? mask.masked(score, query, key) : -INFINITY;
    }
}

template <int dims>
inline float sink_of(device const float* sinks, constant AttentionArguments<dims>& p,
                     TileOfHead t) {
  return sinks[place_of<dims>(t.batch, p.batch_shape, p.sinks.batch) + t.head * p.sinks.head];
}

/// A group computes some columns of the results of a tile's queries.
template <int dims, int column_tiles, MaskKind kind, bool has_sinks, typename T, typename M>
inline void attention_forward(device const T* q, device const T* k, device const T* v,
                              device const M* masks, device const float* sinks, device T* y,
                              constant AttentionArguments<dims>& p, threadgroup float* memory,
                              threadgroup float* lines, TileOfHead t, Group g) {
  const int64_t key_head = t.head / (p.heads / p.key_heads);
  const HeadMatrix<T> queries = matrix_of<dims>(q, p.q, p, t.batch, t.head);
  const HeadMatrix<T> keys = matrix_of<dims>(k, p.k, p, t.batch, key_head);
  const HeadMatrix<T> values = matrix_of<dims>(v, p.v, p, t.batch, key_head);
  const HeadMask<kind, M> mask = mask_of<kind, dims>(masks, p, t.batch, t.head);
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  const int64_t column0 = int64_t(g.tgid.y) * (ATTENTION_TILE * column_tiles);
  RunningSoftmax softmax;
  softmax.begin();
  if (has_sinks) softmax.begin_with(sink_of<dims>(sinks, p, t));
  float results[16 * column_tiles];
  for (uint at = 0; at < 16u * column_tiles; ++at) results[at] = 0.0f;
  const int64_t end = visible_keys<kind, dims>(t.first, p);
  for (int64_t key0 = 0; key0 < end; key0 += ATTENTION_TILE) {
    float scores[16];
    compute_scores<dims>(scores, queries, t.first, keys, key0, end, mask, p, memory, g);
    for (uint r = 0; r < 4; ++r) {
      const float factor = softmax.add(r, scores + 4 * r);
      for (uint tile = 0; tile < uint(column_tiles); ++tile)
        for (uint c = 0; c < 4; ++c) results[16 * tile + 4 * r + c] *= factor;
      for (uint c = 0; c < 4; ++c)
        lines[(4 * j + c) * ATTENTION_LINE + 4 * i + r] = scores[4 * r + c];
    }
    multiply_tile<column_tiles>(results, lines, values, key0, end, column0, p.value_width, 1.0f,
                                memory, g);
    // The lines are free for the next scores.
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  for (uint at = 0; at < 16u * column_tiles; ++at) results[at] /= softmax.total[at % 16 / 4];
  store_tile<column_tiles>(y + (t.batch * p.heads + t.head) * p.queries * p.value_width, results,
                           t.first, p.queries, column0, p.value_width, g);
}

// The gradients, with P = softmax(S), dP = dO V^T and D = rowsum(dO * O): dS = P * (dP - D),
// dQ = scale * dS K, dK = scale * dS^T Q, dV = P^T dO.

/// What the gradients of a tile's queries and keys begin with: statistics of each query.
template <int dims, MaskKind kind, bool has_sinks, typename T, typename M>
inline void attention_statistics(device const T* q, device const T* k, device const M* masks,
                                 device const float* sinks, device const T* result,
                                 device const T* cotangent, device QueryStatistics* y,
                                 constant AttentionArguments<dims>& p, threadgroup float* memory,
                                 TileOfHead t, Group g) {
  const int64_t key_head = t.head / (p.heads / p.key_heads);
  const HeadMatrix<T> queries = matrix_of<dims>(q, p.q, p, t.batch, t.head);
  const HeadMatrix<T> keys = matrix_of<dims>(k, p.k, p, t.batch, key_head);
  const HeadMatrix<T> results = matrix_of<dims>(result, p.result, p, t.batch, t.head);
  const HeadMatrix<T> slopes = matrix_of<dims>(cotangent, p.cotangent, p, t.batch, t.head);
  const HeadMask<kind, M> mask = mask_of<kind, dims>(masks, p, t.batch, t.head);
  RunningSoftmax softmax;
  softmax.begin();
  if (has_sinks) softmax.begin_with(sink_of<dims>(sinks, p, t));
  const int64_t end = visible_keys<kind, dims>(t.first, p);
  for (int64_t key0 = 0; key0 < end; key0 += ATTENTION_TILE) {
    float scores[16];
    compute_scores<dims>(scores, queries, t.first, keys, key0, end, mask, p, memory, g);
    for (uint r = 0; r < 4; ++r) softmax.add(r, scores + 4 * r);
  }
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  for (uint r = 0; r < 4; ++r) {
    const int64_t query = t.first + 4 * i + r;
    float dot = 0.0f;
    if (query < p.queries)
      for (int64_t column = j; column < p.value_width; column += 16)
        dot += results.at(query, column) * slopes.at(query, column);
    QueryStatistics own;
    own.largest = softmax.largest[r];
    own.inverse = 1.0f / softmax.total[r];
    own.dot = combine_lanes<PlainSum>(dot, 16);
    if (query < p.queries && j == 0) y[(t.batch * p.heads + t.head) * p.queries + query] = own;
  }
}

/// A thread's P and dS of a tile of queries and keys.
template <int dims, typename T, typename Mask>
inline void compute_slopes(thread float* weights, thread float* slopes, HeadMatrix<T> queries,
                           HeadMatrix<T> cotangents, int64_t query0, HeadMatrix<T> keys,
                           HeadMatrix<T> values, int64_t key0, Mask mask,
                           device const QueryStatistics* statistics,
                           constant AttentionArguments<dims>& p, threadgroup float* memory,
                           Group g) {
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  compute_scores<dims>(weights, queries, query0, keys, key0, p.keys, mask, p, memory, g);
  for (uint at = 0; at < 16; ++at) slopes[at] = 0.0f;
  multiply_rows(slopes, cotangents, query0, p.queries, values, key0, p.keys, p.value_width, 1.0f,
                memory, g);
  for (uint r = 0; r < 4; ++r) {
    const int64_t query = query0 + 4 * i + r;
    if (query >= p.queries) {
      for (uint c = 0; c < 4; ++c) weights[4 * r + c] = slopes[4 * r + c] = 0.0f;
      continue;
    }
    const QueryStatistics own = statistics[query];
    for (uint c = 0; c < 4; ++c) {
      const int64_t key = key0 + 4 * j + c;
      thread float& weight = weights[4 * r + c];
      weight = key < p.keys ? exp_of_negative(weight - own.largest) * own.inverse : 0.0f;
      // Masked scores don't depend on queries and keys.
      const bool is_fixed = key >= p.keys || mask.hides(query, key);
      slopes[4 * r + c] = is_fixed ? 0.0f : weight * (slopes[4 * r + c] - own.dot);
    }
  }
}

/// A group computes some columns of the gradients of a tile's queries.
template <int dims, int column_tiles, MaskKind kind, typename T, typename M>
inline void attention_query_gradient(device const T* q, device const T* k, device const T* v,
                                     device const M* masks, device const T* cotangent,
                                     device const QueryStatistics* statistics, device T* y,
                                     constant AttentionArguments<dims>& p,
                                     threadgroup float* memory, threadgroup float* lines,
                                     TileOfHead t, Group g) {
  const int64_t key_head = t.head / (p.heads / p.key_heads), number = t.batch * p.heads + t.head;
  const HeadMatrix<T> queries = matrix_of<dims>(q, p.q, p, t.batch, t.head);
  const HeadMatrix<T> cotangents = matrix_of<dims>(cotangent, p.cotangent, p, t.batch, t.head);
  const HeadMatrix<T> keys = matrix_of<dims>(k, p.k, p, t.batch, key_head);
  const HeadMatrix<T> values = matrix_of<dims>(v, p.v, p, t.batch, key_head);
  const HeadMask<kind, M> mask = mask_of<kind, dims>(masks, p, t.batch, t.head);
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  const int64_t column0 = int64_t(g.tgid.y) * (ATTENTION_TILE * column_tiles);
  float sums[16 * column_tiles];
  for (uint at = 0; at < 16u * column_tiles; ++at) sums[at] = 0.0f;
  const int64_t end = visible_keys<kind, dims>(t.first, p);
  for (int64_t key0 = 0; key0 < end; key0 += ATTENTION_TILE) {
    float weights[16], slopes[16];
    compute_slopes<dims>(weights, slopes, queries, cotangents, t.first, keys, values, key0, mask,
                         statistics + number * p.queries, p, memory, g);
    for (uint r = 0; r < 4; ++r)
      for (uint c = 0; c < 4; ++c)
        lines[(4 * j + c) * ATTENTION_LINE + 4 * i + r] = slopes[4 * r + c];
    multiply_tile<column_tiles>(sums, lines, keys, key0, p.keys, column0, p.width, p.scale, memory,
                                g);
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  store_tile<column_tiles>(y + number * p.queries * p.width, sums, t.first, p.queries, column0,
                           p.width, g);
}

/// A group computes some columns of the gradients of a tile's keys and values, from all queries of
/// the heads that share them. `t` has a head of keys.
template <int dims, int column_tiles, MaskKind kind, typename T, typename M>
inline void attention_key_gradient(device const T* q, device const T* k, device const T* v,
                                   device const M* masks, device const T* cotangent,
                                   device const QueryStatistics* statistics, device T* dk,
                                   device T* dv, constant AttentionArguments<dims>& p,
                                   threadgroup float* memory, threadgroup float* lines,
                                   TileOfHead t, Group g) {
  const HeadMatrix<T> keys = matrix_of<dims>(k, p.k, p, t.batch, t.head);
  const HeadMatrix<T> values = matrix_of<dims>(v, p.v, p, t.batch, t.head);
  const uint i = g.tid.x / 16, j = g.tid.x % 16;
  const int64_t column0 = int64_t(g.tgid.y) * (ATTENTION_TILE * column_tiles);
  float key_sums[16 * column_tiles], value_sums[16 * column_tiles];
  for (uint at = 0; at < 16u * column_tiles; ++at) key_sums[at] = value_sums[at] = 0.0f;
  const int64_t lead = p.keys - p.queries, shared_by = p.heads / p.key_heads;
  const int64_t first = kind != MaskKind::causal || lead < 0 || t.first < lead
                            ? 0
                            : (t.first - lead) / ATTENTION_TILE * ATTENTION_TILE;
  for (int64_t head = t.head * shared_by; head < (t.head + 1) * shared_by; ++head) {
    const HeadMatrix<T> queries = matrix_of<dims>(q, p.q, p, t.batch, head);
    const HeadMatrix<T> cotangents = matrix_of<dims>(cotangent, p.cotangent, p, t.batch, head);
    const HeadMask<kind, M> mask = mask_of<kind, dims>(masks, p, t.batch, head);
    for (int64_t query0 = first; query0 < p.queries; query0 += ATTENTION_TILE) {
      float weights[16], slopes[16];
      compute_slopes<dims>(weights, slopes, queries, cotangents, query0, keys, values, t.first,
                           mask, statistics + (t.batch * p.heads + head) * p.queries, p, memory, g);
      for (uint at = 0; at < 16; ++at)
        lines[(4 * i + at / 4) * ATTENTION_LINE + 4 * j + at % 4] = weights[at];
      multiply_tile<column_tiles>(value_sums, lines, cotangents, query0, p.queries, column0,
                                  p.value_width, 1.0f, memory, g);
      threadgroup_barrier(mem_flags::mem_threadgroup);
      for (uint at = 0; at < 16; ++at)
        lines[(4 * i + at / 4) * ATTENTION_LINE + 4 * j + at % 4] = slopes[at];
      multiply_tile<column_tiles>(key_sums, lines, queries, query0, p.queries, column0, p.width,
                                  p.scale, memory, g);
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
  }
  const int64_t number = t.batch * p.key_heads + t.head;
  store_tile<column_tiles>(dk + number * p.keys * p.width, key_sums, t.first, p.keys, column0,
                           p.width, g);
  store_tile<column_tiles>(dv + number * p.keys * p.value_width, value_sums, t.first, p.keys,
                           column0, p.value_width, g);
}

/// A sink's weight goes to no value, so that dP is 0 there. A simdgroup a head.
template <int dims>
inline void attention_sink_gradient(device const float* sinks,
                                    device const QueryStatistics* statistics, device float* y,
                                    constant AttentionArguments<dims>& p, TileOfHead t, Group g) {
  const float sink = sink_of<dims>(sinks, p, t);
  const int64_t number = t.batch * p.heads + t.head;
  float sum = 0.0f;
  for (int64_t query = g.lane; query < p.queries; query += SIMD_WIDTH) {
    const QueryStatistics own = statistics[number * p.queries + query];
    sum -= exp_of_negative(sink - own.largest) * own.inverse * own.dot;
  }
  sum = combine_lanes<PlainSum>(sum, SIMD_WIDTH);
  if (g.lane == 0) y[number] = sum;
}
