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

/// The part from begin to end of two merged runs.
template <typename Item>
struct MergePart {
  const Item *a, *a_end, *b, *b_end;
  size_t position;

  MergePart(const Item* first, size_t first_size, const Item* second, size_t second_size,
            size_t begin, size_t end)
      : position(begin) {
    size_t i = merge_split(first, first_size, second, second_size, begin);
    size_t i_end = merge_split(first, first_size, second, second_size, end);
    a = first + i;
    a_end = first + i_end;
    b = second + (begin - i);
    b_end = second + (end - i_end);
  }

  bool has_both() const { return a != a_end && b != b_end; }

  template <typename Store>
  HWY_INLINE void step(const Store& store) {
    // Which is smaller can't be foretold, so nothing branches on it.
    Item x = *a, y = *b;
    bool takes_second = y < x;
    store(position++, takes_second ? y : x);
    b += takes_second;
    a += !takes_second;
  }
};

/// Takes a copy: a part whose address is known could not stay in registers.
template <typename Item, typename Store>
void merge_rest(MergePart<Item> part, const Store& store) {
  while (part.has_both()) part.step(store);
  while (part.a != part.a_end) store(part.position++, *part.a++);
  while (part.b != part.b_end) store(part.position++, *part.b++);
}

/// Calls store(position, item) with the items from begin to end of two merged runs. Each step
/// waits for the one before it, so two halves go in turn.
template <typename Item, typename Store>
void merge_part(const Item* a, size_t a_size, const Item* b, size_t b_size, size_t begin,
                size_t end, const Store& store) {
  size_t middle = begin + (end - begin) / 2;
  MergePart<Item> low(a, a_size, b, b_size, begin, middle);
  MergePart<Item> high(a, a_size, b, b_size, middle, end);
  while (low.has_both() && high.has_both()) {
    low.step(store);
    high.step(store);
  }
  merge_rest(low, store);
  merge_rest(high, store);
}

/// Merges neighbouring sorted runs of `run` items (the last may be shorter) until all are one, on
/// all threads, and calls store(position, item) with the result. `items` and `spare` are
/// overwritten.
template <typename Item, typename Store>
void merge_runs(Item* items, Item* spare, size_t count, size_t run, const Store& store) {
  constexpr size_t kChunk = 32768;
  for (; run < count; run *= 2) {
    auto merge_to = [&](const auto& put) {
      parallel_for(count, kChunk, [&](size_t begin, size_t end) {
        while (begin < end) {
          size_t first = begin / (2 * run) * (2 * run);
          size_t second = std::min(first + run, count), last = std::min(second + run, count);
          size_t stop = std::min(end, last);
          merge_part(items + first, second - first, items + second, last - second, begin - first,
                     stop - first, [&](size_t i, const Item& item) { put(first + i, item); });
          begin = stop;
        }
      });
    };
    if (2 * run >= count)
      merge_to(store);
    else
      merge_to([&](size_t i, const Item& item) { spare[i] = item; });
    std::swap(items, spare);
  }
}

}  // namespace mlx::core::cpu
