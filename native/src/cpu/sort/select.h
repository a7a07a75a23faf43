#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

constexpr size_t kSelectChunk = 65536;

/// Finds what sorting would put at a rank, in linear time and on all threads: digit by digit from
/// the highest, keeping the keys that share the digits found so far.
template <typename Key>
class RadixSelect {
 public:
  static Key select(const Key* keys, size_t count, size_t rank) {
    return select(keys, count, rank, kFirstShift);
  }

 private:
  static constexpr size_t kFew = 4096;
  static constexpr size_t kDigitBits = 11;
  static constexpr size_t kDigits = size_t(1) << kDigitBits;
  static constexpr size_t kKeyBits = 8 * sizeof(Key);
  static constexpr size_t kFirstShift = kKeyBits > kDigitBits ? kKeyBits - kDigitBits : 0;
  using Counts = std::array<uint32_t, kDigits>;

  /// All keys share the digits above the one at shift.
  static Key select(const Key* keys, size_t count, size_t rank, size_t shift) {
    if (count <= kFew) {
      std::vector<Key> few(keys, keys + count);
      std::nth_element(few.begin(), few.begin() + ptrdiff_t(rank), few.end());
      return few[rank];
    }
    auto counts = count_digits(keys, count, shift);
    auto total = [&](size_t digit) {
      size_t sum = 0;
      for (const Counts& chunk : counts) sum += chunk[digit];
      return sum;
    };
    size_t digit = 0, kept_count = total(0);
    for (; rank >= kept_count; kept_count = total(++digit)) rank -= kept_count;
    Scratch<Key> kept(int64_t(kept_count < count ? kept_count : 0));
    if (kept_count < count) {
      keep(keys, count, shift, digit, counts, kept.data());
      keys = kept.data();
    }
    if (shift == 0) return keys[0];
    return select(keys, kept_count, rank, shift - std::min(shift, kDigitBits));
  }

  // The lowest digit may overlap the one above it, whose bits all keys that are left share.
  static size_t digit_of(Key key, size_t shift) { return size_t(key >> shift) & (kDigits - 1); }

  static std::vector<Counts> count_digits(const Key* keys, size_t count, size_t shift) {
    std::vector<Counts> counts((count + kSelectChunk - 1) / kSelectChunk);
    parallel_for(count, kSelectChunk, [&](size_t begin, size_t end) {
      Counts& mine = counts[begin / kSelectChunk];
      mine.fill(0);
      for (size_t i = begin; i < end; ++i) ++mine[digit_of(keys[i], shift)];
    });
    return counts;
  }

  /// Copies the keys with the digit.
  static void keep(const Key* keys, size_t count, size_t shift, size_t digit,
                   const std::vector<Counts>& counts, Key* out) {
    std::vector<size_t> places;
    for (size_t place = 0; const Counts& chunk : counts)
      places.push_back(std::exchange(place, place + chunk[digit]));
    parallel_for(count, kSelectChunk, [&](size_t begin, size_t end) {
      Key* to = out + places[begin / kSelectChunk];
      // Every key is written, and the next one over it unless it was one to keep: nothing branches.
      size_t total = counts[begin / kSelectChunk][digit], kept = 0;
      for (size_t i = begin; i < end && kept < total; ++i) {
        to[kept] = keys[i];
        kept += digit_of(keys[i], shift) == digit;
      }
    });
  }
};

}  // namespace mlx::core::cpu
