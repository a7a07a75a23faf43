#pragma once

#include <hwy/base.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

/// How many of the first `count` items of two merged runs come from the first run.
template <typename Item>
size_t merge_split(const Item* a, size_t a_size, const Item* b, size_t b_size, size_t count) {
  size_t low = count > b_size ? count - b_size : 0, high = std::min(count, a_size);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (b[count - middle - 1] < a[middle])
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// Two runs that are being merged.
template <typename Item>
struct Merging {
  const Item *a, *a_end, *b, *b_end;
  Item* out;

  bool has_both() const { return a != a_end && b != b_end; }

  HWY_INLINE void step() {
    // Which is smaller can't be foretold, so nothing branches on it.
    Item x = *a, y = *b;
    bool takes_second = y < x;
    *out++ = takes_second ? y : x;
    b += takes_second;
    a += !takes_second;
  }
};

/// Takes a copy: what is known by its address would not stay in registers.
template <typename Item>
void merge_rest(Merging<Item> merging) {
  while (merging.has_both()) merging.step();
  Item* out = std::copy(merging.a, merging.a_end, merging.out);
  std::copy(merging.b, merging.b_end, out);
}

/// Writes the items from begin to end of two merged runs. Each step waits for the one before it, so
/// two halves go in turn.
template <typename Item>
void merge_part(const Item* a, size_t a_size, const Item* b, size_t b_size, size_t begin,
                size_t end, Item* out) {
  size_t middle = begin + (end - begin) / 2;
  size_t first = merge_split(a, a_size, b, b_size, begin);
  size_t second = merge_split(a, a_size, b, b_size, middle);
  size_t last = merge_split(a, a_size, b, b_size, end);
  Merging<Item> low{a + first, a + second, b + (begin - first), b + (middle - second), out};
  Merging<Item> high{a + second, a + last, b + (middle - second), b + (end - last),
                     out + (middle - begin)};
  while (low.has_both() && high.has_both()) {
    low.step();
    high.step();
  }
  merge_rest(low);
  merge_rest(high);
}

/// Merges neighbouring sorted runs of `run` items (the last may be shorter) until all are one, on
/// all threads, and calls store(begin, end, items) with parts of the result. `items` and `spare`
/// are overwritten.
template <typename Item, typename Store>
void merge_runs(Item* items, Item* spare, size_t count, size_t run, const Store& store) {
  // A part of the result is stored while it is in the cache.
  constexpr size_t kChunk = 16384;
  for (; run < count; run *= 2) {
    parallel_for(count, kChunk, [&](size_t begin, size_t end) {
      for (size_t at = begin; at < end;) {
        size_t first = at / (2 * run) * (2 * run);
        size_t second = std::min(first + run, count), last = std::min(second + run, count);
        size_t stop = std::min(end, last);
        merge_part(items + first, second - first, items + second, last - second, at - first,
                   stop - first, spare + at);
        at = stop;
      }
      if (2 * run >= count) store(begin, end, spare + begin);
    });
    std::swap(items, spare);
  }
}

}  // namespace mlx::core::cpu
