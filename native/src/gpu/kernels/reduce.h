// Reductions over any dimensions. A row is what becomes one result; its elements are numbered in
// the order of the reduced dimensions.
#include "gpu/kernels/pack.h"
#include "gpu/kernels/reduce_ops.h"
#include "gpu/kernels/simd.h"

/// Sizes and strides of the dimensions that stay and of those that go, the innermost last.
template <int kept, int reduced>
struct ReduceArguments {
  int64_t rows, length;
  /// Elements of a row that one group takes, and how many groups share a row.
  int64_t chunk, splits;
  int64_t kept_shape[kept], kept_strides[kept];
  int64_t reduced_shape[reduced], reduced_strides[reduced];
};

/// Where the element of that number is.
template <typename Index, int dims>
inline int64_t offset_of(Index number, constant int64_t* shape, constant int64_t* strides) {
  int64_t offset = 0;
  for (int d = dims - 1; d > 0; --d) {
    const Index size = Index(shape[d]), next = number / size;
    offset += int64_t(number - next * size) * strides[d];
    number = next;
  }
  return offset + int64_t(number) * strides[0];
}

/// What the first pass of two leaves, or the result.
template <typename Op, bool is_last>
struct ReduceOutput {
  template <typename Out>
  static void store(device Out* y, int64_t at, typename Op::Acc value) {
    y[at] = Op::result(value);
  }
};
template <typename Op>
struct ReduceOutput<Op, false> {
  static void store(device typename Op::Acc* y, int64_t at, typename Op::Acc value) {
    y[at] = value;
  }
};

/// `lanes` neighbouring threads a row: a power of two up to a simdgroup, or the whole group. Rows
/// are read in packs where `pack` is more than 1, and then have one reduced dimension without gaps.
/// `Load` makes accumulators of elements, Op the rest.
template <typename Op, typename Load, typename Index, int kept, int reduced, int lanes, int pack,
          bool is_last, typename In, typename Out>
inline void reduce_rows(device const In* x, device Out* y,
                        constant ReduceArguments<kept, reduced>& p,
                        threadgroup typename Op::Acc* part, Group g) {
  using Acc = typename Op::Acc;
  const int64_t thread_number = int64_t(g.tgid.x) * g.size.x + g.tid.x;
  const int64_t row = thread_number / lanes;
  const int lane = int(thread_number % lanes);
  Acc acc = Op::identity();
  if (row < p.rows) {
    device const In* from = x + offset_of<Index, kept>(Index(row), p.kept_shape, p.kept_strides);
    const int64_t begin = int64_t(g.tgid.y) * p.chunk;
    const int64_t end = begin + p.chunk < p.length ? begin + p.chunk : p.length;
    int64_t j = begin + lane * pack;
    if (pack > 1) {
      // Loads of several packs are on their way at once.
      const int64_t step = int64_t(lanes) * pack;
      for (; j + 3 * step + pack <= end; j += 4 * step) {
        Pack<In, pack> packs[4];
        for (int u = 0; u < 4; ++u) packs[u] = load_pack<pack>(from, j + u * step);
        for (int u = 0; u < 4; ++u)
          for (int k = 0; k < pack; ++k)
            acc = Op::combine(acc, Load::load(packs[u].values[k], uint64_t(j + u * step + k)));
      }
      for (; j + pack <= end; j += step) {
        const Pack<In, pack> one = load_pack<pack>(from, j);
        for (int k = 0; k < pack; ++k)
          acc = Op::combine(acc, Load::load(one.values[k], uint64_t(j + k)));
      }
      for (int64_t i = j; i < end; ++i) acc = Op::combine(acc, Load::load(from[i], uint64_t(i)));
    } else {
      for (; j < end; j += lanes)
        acc = Op::combine(
            acc, Load::load(
                     from[offset_of<Index, reduced>(Index(j), p.reduced_shape, p.reduced_strides)],
                     uint64_t(j)));
    }
  }
  if (lanes > int(SIMD_WIDTH))
    acc = combine_group<Op>(acc, part, g);
  else
    acc = combine_lanes<Op>(acc, uint(lanes));
  if (row < p.rows && lane == 0)
    ReduceOutput<Op, is_last>::store(y, row * p.splits + int64_t(g.tgid.y), acc);
}

#define COLUMN_LANES 8

/// A simdgroup side by side along the innermost dimension, which stays and has no gaps: each thread
/// has a pack of columns, and the group's simdgroups share the rows of the matrix.
template <typename Op, typename Load, typename Index, int kept, int reduced, int pack, bool is_last,
          typename In, typename Out>
inline void reduce_columns(device const In* x, device Out* y,
                           constant ReduceArguments<kept, reduced>& p,
                           threadgroup typename Op::Acc* part, Group g) {
  using Acc = typename Op::Acc;
  const int64_t row = (int64_t(g.tgid.x) * SIMD_WIDTH + g.lane) * pack;
  Acc acc[pack];
  for (int k = 0; k < pack; ++k) acc[k] = Op::identity();
  if (row < p.rows) {
    device const In* from = x + offset_of<Index, kept>(Index(row), p.kept_shape, p.kept_strides);
    const int64_t begin = int64_t(g.tgid.y) * p.chunk;
    const int64_t end = begin + p.chunk < p.length ? begin + p.chunk : p.length;
    int64_t j = begin + g.simd;
    for (; j + 3 * COLUMN_LANES < end; j += 4 * COLUMN_LANES) {
      Pack<In, pack> packs[4];
      for (int u = 0; u < 4; ++u)
        packs[u] =
            load_pack<pack>(from, offset_of<Index, reduced>(Index(j + u * COLUMN_LANES),
                                                            p.reduced_shape, p.reduced_strides));
      for (int u = 0; u < 4; ++u)
        for (int k = 0; k < pack; ++k)
          acc[k] =
              Op::combine(acc[k], Load::load(packs[u].values[k], uint64_t(j + u * COLUMN_LANES)));
    }
    for (; j < end; j += COLUMN_LANES) {
      const Pack<In, pack> one = load_pack<pack>(
          from, offset_of<Index, reduced>(Index(j), p.reduced_shape, p.reduced_strides));
      for (int k = 0; k < pack; ++k)
        acc[k] = Op::combine(acc[k], Load::load(one.values[k], uint64_t(j)));
    }
  }
  for (int k = 0; k < pack; ++k) part[(g.simd * SIMD_WIDTH + g.lane) * pack + k] = acc[k];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (g.simd != 0 || row >= p.rows) return;
  for (int k = 0; k < pack; ++k) {
    for (int s = 1; s < COLUMN_LANES; ++s)
      acc[k] = Op::combine(acc[k], part[(s * SIMD_WIDTH + g.lane) * pack + k]);
    ReduceOutput<Op, is_last>::store(y, int64_t(g.tgid.y) * p.rows + row + k, acc[k]);
  }
}
