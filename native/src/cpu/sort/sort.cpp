#include "cpu/sort/sort.h"

#include <algorithm>
#include <type_traits>

#include "array/dtype_dispatch.h"
#include "cpu/matmul/scratch.h"
#include "cpu/sort/block_sort.h"
#include "cpu/sort/lines.h"
#include "cpu/sort/merge.h"
#include "cpu/sort/sort_keys.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// Splitting shorter lines would cost more in merging than the second thread gains.
constexpr size_t kShortestRun = 32768;

/// Sorts the items that load(begin, end) writes and calls store(begin, end, items) with parts of
/// the result. Equal items are the same, so that it doesn't tell in how many runs they were sorted.
template <typename Item, typename Load, typename Store>
void sort_line(size_t length, size_t threads, Item* items, const Load& load, const Store& store) {
  size_t runs = 1;
  while (runs < threads && length / (2 * runs) >= kShortestRun) runs *= 2;
  size_t run = (length + runs - 1) / runs;
  auto sort_run = [&](size_t begin, size_t end) {
    load(begin, end);
    sort_block(items + begin, end - begin);
    if (runs == 1) store(begin, end, items + begin);
  };
  if (runs == 1) {
    sort_run(0, length);
    return;
  }
  parallel_for(length, run, sort_run);
  Scratch<Item> spare{int64_t(length)};
  merge_runs(items, spare.data(), length, run, store);
}

/// Calls sort(input offset, output offset, items, threads) for every line.
template <typename Item, typename F>
void sort_lines(const Lines& lines, F&& sort) {
  size_t threads = lines.one_by_one() ? size_t(num_threads()) : 1;
  auto make_items = [&] { return Scratch<Item>(lines.length); };
  for_each_line(lines, make_items, [&](int64_t from, int64_t to, Scratch<Item>& items) {
    sort(from, to, items.data(), threads);
  });
}

/// Keys don't tell -0 from 0: the zeros of a sorted line get the signs that they had, in order.
template <typename T>
void restore_zero_signs(const T* in, int64_t in_step, T* out, int64_t out_step, int64_t length) {
  int64_t zero = 0, last = length;
  // NaN are behind all numbers, so that this finds the first element not below zero.
  while (zero < last) {
    int64_t middle = zero + (last - zero) / 2;
    if (out[middle * out_step] < T(0))
      zero = middle + 1;
    else
      last = middle;
  }
  if (zero == length || out[zero * out_step] != T(0)) return;
  for (int64_t i = 0; i < length; ++i)
    if (in[i * in_step] == T(0)) out[zero++ * out_step] = in[i * in_step];
}

template <typename T>
void sort_values(const StridedInput& view, int axis, T* out) {
  using Item = SortItem<T>;
  auto in = static_cast<const T*>(view.data);
  Lines lines(view, axis);
  sort_lines<Item>(lines, [&](int64_t from, int64_t to, Item* items, size_t threads) {
    sort_line(
        size_t(lines.length), threads, items,
        [&](size_t begin, size_t end) {
          to_keys(in + from + int64_t(begin) * lines.in_step, lines.in_step, end - begin,
                  items + begin);
        },
        [&](size_t begin, size_t end, const Item* sorted) {
          from_keys(sorted, end - begin, out + to + int64_t(begin) * lines.out_step,
                    lines.out_step);
        });
    if constexpr (is_floating_v<T>)
      restore_zero_signs(in + from, lines.in_step, out + to, lines.out_step, lines.length);
  });
}

/// A key above its position, so that equal keys keep their order.
template <typename Key,
          typename Item = std::conditional_t<(sizeof(Key) > 4), hwy::uint128_t, uint64_t>>
struct KeyAndIndex {
  using type = Item;

  static Item join(Key key, size_t index) {
    if constexpr (sizeof(Key) > 4)
      return {uint64_t(index), key};
    else
      return uint64_t(key) << 32 | uint64_t(index);
  }
  static uint32_t index(const Item& item) {
    if constexpr (sizeof(Key) > 4)
      return uint32_t(item.lo);
    else
      return uint32_t(item);
  }
};

template <typename T>
void argsort_values(const StridedInput& view, int axis, uint32_t* out) {
  using Keys = SortKey<T>;
  using Pair = KeyAndIndex<typename Keys::Key>;
  using Item = typename Pair::type;
  auto in = static_cast<const T*>(view.data);
  Lines lines(view, axis);
  sort_lines<Item>(lines, [&](int64_t from, int64_t to, Item* items, size_t threads) {
    sort_line(
        size_t(lines.length), threads, items,
        [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i)
            items[i] = Pair::join(Keys::to_key(in[from + int64_t(i) * lines.in_step]), i);
        },
        [&](size_t begin, size_t end, const Item* sorted) {
          for (size_t i = begin; i < end; ++i)
            out[to + int64_t(i) * lines.out_step] = Pair::index(sorted[i - begin]);
        });
  });
}

}  // namespace

void sort(const StridedInput& in, int axis, void* out) {
  dispatch_dtype(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    sort_values(in, axis, static_cast<T*>(out));
  });
}

void argsort(const StridedInput& in, int axis, uint32_t* out) {
  dispatch_dtype(in.dtype,
                 [&](auto tag) { argsort_values<typename decltype(tag)::type>(in, axis, out); });
}

}  // namespace mlx::core::cpu
