// Running reductions of long lines in one pass, for devices whose groups wait for groups that began
// before them: each publishes its tile's total, and begins with what the tiles before it have
// together. That is combined in one order whatever is ready first: the totals of at most
// CHAINED_TILES tiles, on top of what the tiles before those left. Never on Metal, whose groups may
// not wait for each other.
#include "gpu/kernels/scan.h"

#define CHAINED_TILES 256

/// An accumulator as words that another group may read at any time: a mark stands beside each.
template <typename Acc>
struct Published {
  enum { words = (sizeof(Acc) + 3) / 4 };
  static void store(device ulong* place, Acc value) {
    uint words_of[words] = {};
    thread uchar* to = (thread uchar*)words_of;
    thread const uchar* from = (thread const uchar*)&value;
    for (uint i = 0; i < sizeof(Acc); ++i) to[i] = from[i];
    for (uint i = 0; i < words; ++i) store_atomic(place + i, ulong(words_of[i]) << 32 | 1u);
  }
  static Acc wait(device ulong* place) {
    uint words_of[words];
    for (uint i = 0; i < words; ++i) {
      ulong word = load_atomic(place + i);
      while ((word & 1u) == 0) word = load_atomic(place + i);
      words_of[i] = uint(word >> 32);
    }
    Acc value;
    thread uchar* to = (thread uchar*)&value;
    thread const uchar* from = (thread const uchar*)words_of;
    for (uint i = 0; i < sizeof(Acc); ++i) to[i] = from[i];
    return value;
  }
};

/// What the simdgroups before this one have together, and in `total` what all have, in order; all
/// lanes have `own`. `part` has a place for each simdgroup.
template <typename Op, typename Acc>
inline Acc scan_simdgroups(Acc own, thread Acc& total, threadgroup Acc* part, Group g) {
  if (g.lane == 0) part[g.simd] = own;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  Acc earlier = Op::identity();
  total = Op::identity();
  for (uint s = 0; s < g.size.x / SIMD_WIDTH; ++s) {
    if (s == g.simd) earlier = total;
    total = Op::combine(total, part[s]);
  }
  return earlier;
}

/// `state`: the next tile's number, what each tile has, and what the tiles before every
/// CHAINED_TILES of a line have; all zero at first. A simdgroup's elements lie in `rows` rows, of
/// which each lane has `items` neighbours.
template <typename Op, bool is_reverse, bool is_inclusive, int rows, int items, int pack,
          typename Source, typename Out>
inline void scan_chain(Source source, device Out* y, device ulong* state, constant ScanArguments& p,
                       threadgroup typename Op::Acc* part, threadgroup uint* ticket, Group g) {
  using Acc = typename Op::Acc;
  using Place = Published<Acc>;
  // Numbers in the order in which groups begin, so that nobody waits for one that can't begin.
  if (g.tid.x == 0) *ticket = atomic_add((device uint*)state, 1u);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  const int64_t number = *ticket, outer = number / p.chunks, tile = number - outer * p.chunks;
  const int64_t blocks = (p.chunks + CHAINED_TILES - 1) / CHAINED_TILES;
  device ulong* totals = state + 1 + number * Place::words;
  device ulong* before_blocks =
      state + 1 + (p.outer * p.chunks + outer * blocks + tile / CHAINED_TILES) * Place::words;
  const uint at_block = uint(tile % CHAINED_TILES);
  const int64_t origin = outer * p.length;
  const int64_t first = tile * p.chunk + (int64_t(g.simd) * rows * SIMD_WIDTH + g.lane) * items;
  Acc values[rows][items], before[rows];
  Acc own = Op::identity();
  for (int r = 0; r < rows; ++r)
    load_scanned<Op, is_reverse, items, pack>(
        source, origin, p.length, first + r * int64_t(SIMD_WIDTH) * items, p.length, values[r]);
  for (int r = 0; r < rows; ++r) {
    Acc of_lane = Op::identity(), of_row;
    for (int k = 0; k < items; ++k) of_lane = Op::combine(of_lane, values[r][k]);
    before[r] = Op::combine(own, scan_lanes<Op>(of_lane, of_row, g.lane));
    own = Op::combine(own, of_row);
  }
  Acc total;
  Acc earlier = scan_simdgroups<Op>(own, total, part, g);
  if (g.tid.x == 0) Place::store(totals, total);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  Acc one = Op::identity(), of_simd, carry;
  if (g.tid.x < at_block) one = Place::wait(totals + (int64_t(g.tid.x) - at_block) * Place::words);
  scan_lanes<Op>(one, of_simd, g.lane);
  scan_simdgroups<Op>(of_simd, carry, part, g);
  if (tile >= CHAINED_TILES) carry = Op::combine(Place::wait(before_blocks), carry);
  if (at_block == CHAINED_TILES - 1 && g.tid.x == 0 && tile + 1 < p.chunks)
    Place::store(before_blocks + Place::words, Op::combine(carry, total));
  earlier = Op::combine(carry, earlier);
  for (int r = 0; r < rows; ++r) {
    Acc running = Op::combine(earlier, before[r]);
    for (int k = 0; k < items; ++k) {
      const Acc next = Op::combine(running, values[r][k]);
      values[r][k] = is_inclusive ? next : running;
      running = next;
    }
    store_items<Op, ScanResult::values, is_reverse, items, pack>(
        y, origin, p.length, first + r * int64_t(SIMD_WIDTH) * items, p.length, values[r]);
  }
}
