#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

/// A key with the position it came from, for argsort.
template <typename Key>
struct KeyAndIndex {
  Key key;
  uint32_t index;
};

template <typename Key>
Key key_of(Key item) {
  return item;
}
template <typename Key>
Key key_of(const KeyAndIndex<Key>& item) {
  return item.key;
}

/// Stable least-significant-digit radix sort. `items` is sorted in place with `spare`, of the same
/// size, as the other half. Long ones are counted and moved by chunks on all threads.
template <typename Item>
class RadixSort {
 public:
  static void sort(Item* items, Item* spare, size_t count) {
    if (count <= kSmall) {
      std::stable_sort(items, items + count,
                       [](const Item& a, const Item& b) { return key_of(a) < key_of(b); });
      return;
    }
    Item* from = items;
    Item* to = spare;
    size_t chunk = count < 2 * kChunk ? count : kChunk;
    std::vector<Counts> counts((count + chunk - 1) / chunk);
    for (size_t shift = 0; shift < kKeyBits; shift += kDigitBits) {
      parallel_for(count, chunk, [&](size_t begin, size_t end) {
        Counts& mine = counts[begin / chunk];
        mine.fill(0);
        for (size_t i = begin; i < end; ++i) ++mine[digit(from[i], shift)];
      });
      // Keys that share a digit keep their order.
      if (!counts_to_places(counts, count)) continue;
      parallel_for(count, chunk, [&](size_t begin, size_t end) {
        Counts& places = counts[begin / chunk];
        for (size_t i = begin; i < end; ++i) to[places[digit(from[i], shift)]++] = from[i];
      });
      std::swap(from, to);
    }
    if (from != items) std::copy(from, from + count, items);
  }

 private:
  using Key = decltype(key_of(Item{}));
  static constexpr size_t kSmall = 256;
  static constexpr size_t kChunk = 65536;
  static constexpr size_t kKeyBits = 8 * sizeof(Key);
  static constexpr size_t kDigitBits = 8;
  static constexpr size_t kDigits = size_t(1) << kDigitBits;
  using Counts = std::array<uint32_t, kDigits>;

  static size_t digit(const Item& item, size_t shift) {
    return size_t(key_of(item) >> shift) & (kDigits - 1);
  }

  /// Where each chunk's items of each digit go; false when all items have the same digit.
  static bool counts_to_places(std::vector<Counts>& counts, size_t count) {
    uint32_t place = 0;
    for (size_t d = 0; d < kDigits; ++d) {
      uint32_t start = place;
      for (Counts& chunk : counts) place += std::exchange(chunk[d], place);
      if (place - start == count) return false;
    }
    return true;
  }
};

}  // namespace mlx::core::cpu
