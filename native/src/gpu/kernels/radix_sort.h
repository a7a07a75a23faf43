// Sorting long lines along an axis by eight bits of their keys at a time, the lowest first. Each
// pass keeps the order that the one before left: it counts the digits of every tile, adds the
// counts up over tiles, and moves the items to where their digits belong.
#include "gpu/kernels/simd.h"
#include "gpu/kernels/sort.h"

#define RADIX_THREADS 256
#define RADIX_DIGITS 256

/// Elements that are sorted as they are, and make their keys when those are asked for.
template <typename T>
struct RawItem {
  using Type = T;
  static typename SortKey<T>::Key key(T item) { return SortKey<T>::from(item); }
};

// Where items come from.

template <typename Item, typename Keys>
struct KeyedItems {
  Keys keys;
  typename Item::Type item(int64_t i) const { return Item::make(keys.key(i), uint(i)); }
};
template <typename T>
struct RawItems {
  device const T* line;
  int64_t step;
  T item(int64_t i) const { return line[i * step]; }
};
template <typename Item>
struct StoredItems {
  device const typename Item::Type* items;
  typename Item::Type item(int64_t i) const { return items[i]; }
};

// What becomes of them.

template <typename Item, SortResult result, typename T, typename Y>
struct FinalItems {
  device Y* y;
  int64_t y_step;
  device const T* line;
  int64_t step;
  void store(int64_t at, typename Item::Type item) const {
    store_sorted<Item, result>(y, at * y_step, line, step, item);
  }
};
template <SortResult result, typename T, typename Y>
struct FinalItems<RawItem<T>, result, T, Y> {
  device Y* y;
  int64_t y_step;
  device const T* line;
  int64_t step;
  void store(int64_t at, T item) const {
    const auto key = SortKey<T>::from(item);
    y[at * y_step] = SortKey<T>::to(key);
    // Keys don't tell -0 from 0.
    if constexpr (result == SortResult::values)
      if (key == SortKey<T>::from(T(0.0f))) y[at * y_step] = item;
  }
};
template <typename Item>
struct MovedItems {
  device typename Item::Type* items;
  void store(int64_t at, typename Item::Type item) const { items[at] = item; }
};

/// The items of a tile in the order of its simdgroups, and their digits; what lies behind the
/// line's end has none.
template <typename Item, int items, typename Source>
inline void load_digits(Source source, int64_t first, int64_t length, uint shift,
                        thread typename Item::Type* values, thread uint* digits, Group g) {
  const int64_t own = first + int64_t(g.simd) * SIMD_WIDTH * items + g.lane;
  for (int j = 0; j < items; ++j) {
    const int64_t at = own + j * int64_t(SIMD_WIDTH);
    digits[j] = RADIX_DIGITS;
    if (at < length) values[j] = source.item(at);
  }
  for (int j = 0; j < items; ++j)
    if (own + j * int64_t(SIMD_WIDTH) < length)
      digits[j] = uint(Item::key(values[j]) >> shift) & (RADIX_DIGITS - 1);
}

/// How many earlier ones of the simdgroup have the same digit; `counts` gets how many of each there
/// are, simdgroup by simdgroup.
template <int items>
inline void rank_digits(thread const uint* digits, threadgroup uint* counts, thread uint* ranks,
                        Group g) {
  threadgroup uint* own = counts + g.simd * RADIX_DIGITS;
  for (uint d = g.lane; d < RADIX_DIGITS; d += SIMD_WIDTH) own[d] = 0;
  lane_barrier();
  for (int j = 0; j < items; ++j) {
    const bool is_item = digits[j] < RADIX_DIGITS;
    uint same = lanes_where(is_item, g.lane);
    for (uint bit = 0; bit < 8; ++bit) {
      const bool is_set = ((digits[j] >> bit) & 1u) != 0;
      const uint set = lanes_where(is_set, g.lane);
      same &= is_set ? set : ~set;
    }
    uint before = 0;
    if (is_item) before = own[digits[j]];
    lane_barrier();
    // The last one of them.
    if (is_item && same >> g.lane == 1u) own[digits[j]] = before + count_bits(same);
    lane_barrier();
    ranks[j] = before + count_bits(same & ((1u << g.lane) - 1u));
  }
}

/// What the threads of the group before this one have together.
inline uint sum_before(uint value, threadgroup uint* part, Group g) {
  uint sum = value;
  for (uint step = 1; step < SIMD_WIDTH; step *= 2) {
    const uint before = shuffle_up(sum, uint16_t(step));
    if (g.lane >= step) sum += before;
  }
  if (g.lane == SIMD_WIDTH - 1) part[g.simd] = sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  uint earlier = 0;
  for (uint s = 0; s < g.simd; ++s) earlier += part[s];
  return earlier + sum - value;
}

/// A tile's digits: `counts` holds a row of tiles for each digit of a line.
template <typename Item, int items, int dims, typename Source>
inline void radix_count(Source source, device uint* counts, constant SortArguments<dims>& p,
                        threadgroup uint* of_simds, int64_t number, int64_t part, Group g) {
  typename Item::Type values[items];
  uint digits[items], ranks[items];
  load_digits<Item, items>(source, part * (RADIX_THREADS * items), p.length, uint(p.stage), values,
                           digits, g);
  rank_digits<items>(digits, of_simds, ranks, g);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  uint total = 0;
  for (uint s = 0; s < RADIX_THREADS / SIMD_WIDTH; ++s)
    total += of_simds[s * RADIX_DIGITS + g.tid.x];
  counts[(number * RADIX_DIGITS + g.tid.x) * p.blocks + part] = total;
}

/// A digit's counts become how many the tiles before have, and `totals` how many all have.
inline void radix_offsets(device uint* counts, device uint* totals, int64_t tiles,
                          threadgroup uint* part, Group g) {
  device uint* row = counts + int64_t(g.tgid.x) * tiles;
  const int64_t each = (tiles + RADIX_THREADS - 1) / RADIX_THREADS, first = g.tid.x * each;
  const int64_t end = first + each < tiles ? first + each : tiles;
  uint own = 0;
  for (int64_t i = first; i < end; ++i) own += row[i];
  uint before = sum_before(own, part, g);
  for (int64_t i = first; i < end; ++i) {
    const uint count = row[i];
    row[i] = before;
    before += count;
  }
  if (g.tid.x == RADIX_THREADS - 1) totals[g.tgid.x] = before;
}

/// Moves a tile's items to where they belong; those of one digit side by side.
template <typename Item, int items, int dims, typename Source, typename Target>
inline void radix_move(Source source, Target target, device const uint* offsets,
                       device const uint* totals, constant SortArguments<dims>& p,
                       threadgroup typename Item::Type* sorted, threadgroup uint* of_simds,
                       threadgroup uint* starts, threadgroup uint* bases, threadgroup uint* parts,
                       int64_t number, int64_t part, Group g) {
  typename Item::Type values[items];
  uint digits[items], ranks[items];
  const int64_t first = part * (RADIX_THREADS * items);
  const uint shift = uint(p.stage), digit = g.tid.x;
  load_digits<Item, items>(source, first, p.length, shift, values, digits, g);
  rank_digits<items>(digits, of_simds, ranks, g);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  uint count = 0;
  for (uint s = 0; s < RADIX_THREADS / SIMD_WIDTH; ++s) {
    const uint own = of_simds[s * RADIX_DIGITS + digit];
    of_simds[s * RADIX_DIGITS + digit] = count;
    count += own;
  }
  const int64_t row = number * RADIX_DIGITS + digit;
  const uint start = sum_before(count, parts, g);
  starts[digit] = start;
  bases[digit] =
      sum_before(totals[row], parts + SIMD_WIDTH, g) + offsets[row * p.blocks + part] - start;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (int j = 0; j < items; ++j)
    if (digits[j] < RADIX_DIGITS)
      sorted[starts[digits[j]] + of_simds[g.simd * RADIX_DIGITS + digits[j]] + ranks[j]] =
          values[j];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  const int64_t left = p.length - first;
  const uint present = left < RADIX_THREADS * items ? uint(left) : uint(RADIX_THREADS * items);
  for (uint i = g.tid.x; i < present; i += RADIX_THREADS) {
    const typename Item::Type item = sorted[i];
    target.store(int64_t(bases[uint(Item::key(item) >> shift) & (RADIX_DIGITS - 1)] + i), item);
  }
}
