#pragma once

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

/// Calls store(position, item) with the items from begin to end of two merged runs.
template <typename Item, typename Store>
void merge_part(const Item* a, size_t a_size, const Item* b, size_t b_size, size_t begin,
                size_t end, const Store& store) {
  size_t i = merge_split(a, a_size, b, b_size, begin), j = begin - i;
  size_t i_end = merge_split(a, a_size, b, b_size, end), j_end = end - i_end;
  size_t position = begin;
  while (i < i_end && j < j_end) {
    Item x = a[i], y = b[j];
    bool takes_second = y < x;
    // Which is smaller can't be foretold, so nothing branches on it.
    store(position++, takes_second ? y : x);
    j += takes_second;
    i += !takes_second;
  }
  while (i < i_end) store(position++, a[i++]);
  while (j < j_end) store(position++, b[j++]);
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
