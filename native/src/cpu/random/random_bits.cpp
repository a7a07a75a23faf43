#include "cpu/random/random_bits.h"

#include <algorithm>
#include <cstring>

#include "cpu/simd_targets.h"
#include "runtime/thread_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/random/random_bits.cpp"
#include "hwy/foreach_target.h"

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <int kRotation, class V>
HWY_INLINE void mix(V& x0, V& x1) {
  x0 = hn::Add(x0, x1);
  x1 = hn::Xor(hn::Or(hn::ShiftLeft<kRotation>(x1), hn::ShiftRight<32 - kRotation>(x1)), x0);
}

template <int kA, int kB, int kC, int kD, class V>
HWY_INLINE void four_rounds(V& x0, V& x1, V key0, V key1) {
  mix<kA>(x0, x1);
  mix<kB>(x0, x1);
  mix<kC>(x0, x1);
  mix<kD>(x0, x1);
  x0 = hn::Add(x0, key0);
  x1 = hn::Add(x1, key1);
}

template <class D, class V>
HWY_INLINE void hash(D d, const uint32_t* key, V& x0, V& x1) {
  const V key0 = hn::Set(d, key[0]), key1 = hn::Set(d, key[1]);
  const V key2 = hn::Set(d, key[0] ^ key[1] ^ 0x1bd11bdau);
  x0 = hn::Add(x0, key0);
  x1 = hn::Add(x1, key1);
  four_rounds<13, 15, 26, 6>(x0, x1, key1, hn::Add(key2, hn::Set(d, 1u)));
  four_rounds<17, 29, 16, 24>(x0, x1, key2, hn::Add(key0, hn::Set(d, 2u)));
  four_rounds<13, 15, 26, 6>(x0, x1, key0, hn::Add(key1, hn::Set(d, 3u)));
  four_rounds<17, 29, 16, 24>(x0, x1, key1, hn::Add(key2, hn::Set(d, 4u)));
  four_rounds<13, 15, 26, 6>(x0, x1, key2, hn::Add(key0, hn::Set(d, 5u)));
}

/// Hashes of the counters (counter, counter + distance), (counter + 1, ...), one after another;
/// the first words go to `first` and the second ones to `second`.
void hash_counters(const uint32_t* key, uint32_t counter, uint32_t distance, size_t count,
                   uint8_t* first, uint8_t* second) {
  const hn::ScalableTag<uint32_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto offset = hn::Set(d, distance), advance = hn::Set(d, uint32_t(lanes));
  auto counters = hn::Iota(d, counter);
  HWY_ALIGN uint32_t words0[hn::MaxLanes(d)];
  HWY_ALIGN uint32_t words1[hn::MaxLanes(d)];
  for (size_t i = 0; i < count; i += lanes) {
    auto x0 = counters, x1 = hn::Add(counters, offset);
    hash(d, key, x0, x1);
    counters = hn::Add(counters, advance);
    // Copied as bytes, since the stream may start anywhere.
    hn::Store(x0, d, words0);
    hn::Store(x1, d, words1);
    const size_t bytes = 4 * (i + lanes <= count ? lanes : count - i);
    std::memcpy(first + 4 * i, words0, bytes);
    std::memcpy(second + 4 * i, words1, bytes);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(hash_counters);

namespace {

constexpr size_t kTaskHashes = 16384;

/// One key's stream of n words, cut off after some bytes. Hash i < half gives words i and
/// half + odd + i; with an odd number of words one more hash, of (half, 0), gives word half.
struct KeyStream {
  const uint32_t* key;
  uint8_t* out;
  size_t bytes;

  size_t words() const { return (bytes + 3) / 4; }
  size_t half() const { return words() / 2; }
  size_t odd() const { return words() % 2; }

  void store(size_t word, const uint8_t* value) const {
    std::memcpy(out + 4 * word, value, std::min<size_t>(4, bytes - 4 * word));
  }

  void run(size_t begin, size_t end) const {
    auto hash = HWY_DYNAMIC_DISPATCH(hash_counters);
    uint32_t distance = uint32_t(half() + odd());
    uint8_t first[4], second[4];
    // The last pair holds the last word, which may be cut.
    size_t whole = std::min(end, half() - std::min<size_t>(half(), 1));
    if (begin < whole)
      hash(key, uint32_t(begin), distance, whole - begin, out + 4 * begin,
           out + 4 * (begin + distance));
    for (size_t i = std::max(begin, whole); i < end; ++i) {
      if (i < half()) {
        hash(key, uint32_t(i), distance, 1, first, second);
        store(i, first);
        store(i + distance, second);
      } else {
        hash(key, uint32_t(i), 0u - uint32_t(i), 1, first, second);
        store(i, first);
      }
    }
  }
};

}  // namespace

void random_bits(const uint32_t* keys, size_t num_keys, size_t bytes_per_key, void* out) {
  if (bytes_per_key == 0) return;
  size_t words = (bytes_per_key + 3) / 4;
  size_t hashes = words / 2 + words % 2;
  parallel_for(num_keys * hashes, kTaskHashes, [&](size_t begin, size_t end) {
    while (begin < end) {
      size_t index = begin / hashes, first = begin % hashes;
      size_t count = std::min(hashes - first, end - begin);
      KeyStream{keys + 2 * index, static_cast<uint8_t*>(out) + index * bytes_per_key, bytes_per_key}
          .run(first, first + count);
      begin += count;
    }
  });
}

}  // namespace mlx::core::cpu
#endif
