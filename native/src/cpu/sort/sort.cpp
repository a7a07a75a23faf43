#include "cpu/sort/sort.h"

#include <algorithm>
#include <memory>
#include <type_traits>

#include "array/dtype_dispatch.h"
#include "cpu/sort/radix_sort.h"
#include "cpu/sort/sort_keys.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kTaskElements = 32768;
// Fewer, longer lines than this are sorted one by one, each on all threads.
constexpr int64_t kLongLine = 131072;
constexpr int64_t kIn = 0, kOut = 1;

/// The lines along an axis: how to walk one, and where each starts.
struct Lines {
  LoopAxes<2> starts;
  int64_t length;
  int64_t in_step;
  int64_t out_step;

  Lines(const StridedInput& in, int axis)
      : length(in.shape[size_t(axis)]), in_step(in.strides[size_t(axis)]) {
    auto out_strides = contiguous_strides(in.shape);
    out_step = out_strides[size_t(axis)];
    starts = make_loop<2>(
        in.shape, {in.strides, std::span<const int64_t>(out_strides.data(), out_strides.size())});
    starts.erase(starts.begin() + axis);
    starts = collapse(starts);
  }
};

/// Calls sort_line(input offset, output offset, items, spare) for every line.
template <typename Item, typename F>
void for_each_line(const Lines& lines, F&& sort_line) {
  int64_t count = loop_size(lines.starts);
  if (count == 0 || lines.length == 0) return;
  auto run = [&](size_t begin, size_t end) {
    std::unique_ptr<Item[]> items(new Item[2 * size_t(lines.length)]);
    LoopIterator<2> line(lines.starts, int64_t(begin));
    for (size_t i = begin; i < end; ++i, line.next())
      sort_line(line.offset(kIn), line.offset(kOut), items.get(), items.get() + lines.length);
  };
  if (lines.length >= kLongLine && count < 8)
    run(0, size_t(count));
  else
    parallel_for(size_t(count), size_t(std::max<int64_t>(1, kTaskElements / lines.length)), run);
}

/// Long lines are converted on all threads too.
template <typename F>
void for_each_element(const Lines& lines, F&& body) {
  parallel_for(size_t(lines.length), size_t(kLongLine / 2), [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) body(int64_t(i));
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
void sort_lines(const StridedInput& view, int axis, T* out) {
  using Keys = SortKey<T>;
  using Key = typename Keys::Key;
  auto in = static_cast<const T*>(view.data);
  Lines lines(view, axis);
  for_each_line<Key>(lines, [&](int64_t from, int64_t to, Key* keys, Key* spare) {
    for_each_element(lines,
                     [&](int64_t i) { keys[i] = Keys::to_key(in[from + i * lines.in_step]); });
    RadixSort<Key>::sort(keys, spare, size_t(lines.length));
    for_each_element(lines,
                     [&](int64_t i) { out[to + i * lines.out_step] = Keys::from_key(keys[i]); });
    if constexpr (is_floating_v<T>)
      restore_zero_signs(in + from, lines.in_step, out + to, lines.out_step, lines.length);
  });
}

template <typename T>
void argsort_lines(const StridedInput& view, int axis, uint32_t* out) {
  using Keys = SortKey<T>;
  using Item = KeyAndIndex<typename Keys::Key>;
  auto in = static_cast<const T*>(view.data);
  Lines lines(view, axis);
  for_each_line<Item>(lines, [&](int64_t from, int64_t to, Item* items, Item* spare) {
    for_each_element(lines, [&](int64_t i) {
      items[i] = {Keys::to_key(in[from + i * lines.in_step]), uint32_t(i)};
    });
    RadixSort<Item>::sort(items, spare, size_t(lines.length));
    for_each_element(lines, [&](int64_t i) { out[to + i * lines.out_step] = items[i].index; });
  });
}

}  // namespace

void sort(const StridedInput& in, int axis, void* out) {
  dispatch_dtype(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    sort_lines(in, axis, static_cast<T*>(out));
  });
}

void argsort(const StridedInput& in, int axis, uint32_t* out) {
  dispatch_dtype(in.dtype,
                 [&](auto tag) { argsort_lines<typename decltype(tag)::type>(in, axis, out); });
}

}  // namespace mlx::core::cpu
