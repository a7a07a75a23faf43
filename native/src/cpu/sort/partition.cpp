#include "cpu/sort/partition.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/scratch.h"
#include "cpu/sort/block_sort.h"
#include "cpu/sort/lines.h"
#include "cpu/sort/select.h"
#include "cpu/sort/sort_keys.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// How many keys are below, equal to and above the pivot, or where such keys go.
using Parts = std::array<size_t, 3>;

template <typename Key>
size_t part_of(Key key, Key pivot) {
  return size_t(key >= pivot) + size_t(key > pivot);
}

template <typename Key>
Parts count_parts(const Key* keys, size_t count, Key pivot) {
  size_t below = 0, above = 0;
  for (size_t i = 0; i < count; ++i) {
    below += keys[i] < pivot;
    above += keys[i] > pivot;
  }
  return {below, count - below - above, above};
}

/// A line on the calling thread; load(begin, end, keys) writes keys, put(position, index) says
/// where each element goes. There is room for two keys an element.
template <typename Key, typename Load, typename Put>
void partition_short(size_t length, size_t kth, Key* keys, const Load& load, const Put& put) {
  // Up to this length sorting with vectors is faster than selecting without.
  constexpr size_t kSortedLength = 4096;
  Key* order = keys + length;
  load(0, length, keys);
  std::copy(keys, keys + length, order);
  if (length <= kSortedLength)
    sort_block(order, length);
  else
    std::nth_element(order, order + kth, order + length);
  Key pivot = order[kth];
  Parts counts = count_parts(keys, length, pivot);
  Parts places{0, counts[0], counts[0] + counts[1]};
  for (size_t i = 0; i < length; ++i) put(places[part_of(keys[i], pivot)]++, i);
}

/// The same on all threads. Chunks depend on the length alone.
template <typename Key, typename Load, typename Put>
void partition_long(size_t length, size_t kth, const Load& load, const Put& put) {
  Scratch<Key> memory{int64_t(length)};
  Key* keys = memory.data();
  parallel_for(length, kSelectChunk,
               [&](size_t begin, size_t end) { load(begin, end, keys + begin); });
  Key pivot = RadixSelect<Key>::select(keys, length, kth);
  std::vector<Parts> parts((length + kSelectChunk - 1) / kSelectChunk);
  parallel_for(length, kSelectChunk, [&](size_t begin, size_t end) {
    parts[begin / kSelectChunk] = count_parts(keys + begin, end - begin, pivot);
  });
  size_t place = 0;
  for (size_t part : {0, 1, 2})
    for (Parts& chunk : parts) place += std::exchange(chunk[part], place);
  parallel_for(length, kSelectChunk, [&](size_t begin, size_t end) {
    Parts places = parts[begin / kSelectChunk];
    for (size_t i = begin; i < end; ++i) put(places[part_of(keys[i], pivot)]++, i);
  });
}

/// Calls put(output offset, input offset, index) for each element of each line.
template <typename T, typename Put>
void partition_lines(const StridedInput& view, int axis, int64_t kth, const Put& put) {
  auto in = static_cast<const T*>(view.data);
  Lines lines(view, axis);
  size_t length = size_t(lines.length);
  bool is_long = lines.one_by_one();
  auto make_keys = [&] { return Scratch<SortItem<T>>(is_long ? 0 : 2 * lines.length); };
  for_each_line(lines, make_keys, [&](int64_t from, int64_t to, Scratch<SortItem<T>>& keys) {
    auto load = [&](size_t begin, size_t end, auto* some_keys) {
      to_keys(in + from + int64_t(begin) * lines.in_step, lines.in_step, end - begin, some_keys);
    };
    auto put_at = [&](size_t position, size_t i) {
      put(to + int64_t(position) * lines.out_step, from + int64_t(i) * lines.in_step, i);
    };
    if (is_long)
      partition_long<typename SortKey<T>::Key>(length, size_t(kth), load, put_at);
    else
      partition_short(length, size_t(kth), keys.data(), load, put_at);
  });
}

}  // namespace

void partition(const StridedInput& in, int axis, int64_t kth, void* out) {
  dispatch_dtype(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    partition_lines<T>(in, axis, kth, [&](int64_t to, int64_t from, size_t) {
      static_cast<T*>(out)[to] = static_cast<const T*>(in.data)[from];
    });
  });
}

void argpartition(const StridedInput& in, int axis, int64_t kth, uint32_t* out) {
  dispatch_dtype(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    partition_lines<T>(in, axis, kth,
                       [&](int64_t to, int64_t, size_t i) { out[to] = uint32_t(i); });
  });
}

}  // namespace mlx::core::cpu
