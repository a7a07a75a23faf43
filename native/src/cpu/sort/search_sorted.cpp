#include "cpu/sort/search_sorted.h"

#include <algorithm>
#include <bit>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/scratch.h"
#include "cpu/sort/sort_keys.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr size_t kTaskValues = 2048;
// Searches in step with each other: while one waits for memory, others go on.
constexpr size_t kLanes = 16;

/// Elements of the sequence below each of kLanes keys, or not above it. All lanes halve the same
/// length, so that no step branches on what it finds.
template <bool kRight, typename Key, typename KeyAt>
void search_lanes(const Key* keys, const KeyAt& key_at, size_t length, uint32_t* found) {
  size_t base[kLanes] = {};
  auto is_before = [](Key element, Key key) { return kRight ? element <= key : element < key; };
  for (size_t rest = length; rest > 0;) {
    // Of one element the half is that element.
    size_t half = (rest + 1) / 2;
    for (size_t lane = 0; lane < kLanes; ++lane)
      base[lane] += is_before(key_at(base[lane] + half - 1), keys[lane]) ? half : 0;
    rest -= half;
  }
  for (size_t lane = 0; lane < kLanes; ++lane) found[lane] = uint32_t(base[lane]);
}

template <bool kRight, typename T, typename KeyAt>
void search_all(const T* values, size_t count, const KeyAt& key_at, size_t length, uint32_t* out) {
  parallel_for(count, kTaskValues, [&](size_t begin, size_t end) {
    typename SortKey<T>::Key keys[kLanes] = {};
    uint32_t found[kLanes];
    for (size_t i = begin; i < end; i += kLanes) {
      size_t lanes = std::min(kLanes, end - i);
      for (size_t lane = 0; lane < lanes; ++lane) keys[lane] = SortKey<T>::to_key(values[i + lane]);
      search_lanes<kRight>(keys, key_at, length, found);
      std::copy(found, found + lanes, out + i);
    }
  });
}

template <bool kRight, typename T>
void search(const StridedInput& sequence, const T* values, size_t count, uint32_t* out) {
  using Key = typename SortKey<T>::Key;
  auto elements = static_cast<const T*>(sequence.data);
  size_t length = size_t(sequence.shape[0]);
  int64_t step = sequence.strides[0];
  auto element_key = [&](size_t i) { return SortKey<T>::to_key(elements[int64_t(i) * step]); };
  // So many values look at most elements anyway: the keys are made once.
  if (count * size_t(std::bit_width(length)) < length) {
    search_all<kRight>(values, count, element_key, length, out);
    return;
  }
  Scratch<Key> keys{int64_t(length)};
  parallel_for(length, 32768, [&](size_t begin, size_t end) {
    to_keys(elements + int64_t(begin) * step, step, end - begin, keys.data() + begin);
  });
  search_all<kRight>(
      values, count, [keys = keys.data()](size_t i) { return keys[i]; }, length, out);
}

}  // namespace

void search_sorted(const StridedInput& sequence, const void* values, size_t count, bool right,
                   uint32_t* out) {
  dispatch_dtype(sequence.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    auto typed = static_cast<const T*>(values);
    right ? search<true>(sequence, typed, count, out) : search<false>(sequence, typed, count, out);
  });
}

}  // namespace mlx::core::cpu
