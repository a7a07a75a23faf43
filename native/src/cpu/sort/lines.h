#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "cpu/strided_loop.h"
#include "cpu/strided_view.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {

/// The lines along an axis: how to walk one, and where each starts.
struct Lines {
  LoopAxes<2> starts;
  int64_t length;
  int64_t in_step;
  int64_t out_step;

  /// The output is row-contiguous and of the same shape.
  Lines(const StridedInput& in, int axis)
      : length(in.shape[size_t(axis)]), in_step(in.strides[size_t(axis)]) {
    auto out_strides = contiguous_strides(in.shape);
    out_step = out_strides[size_t(axis)];
    starts = make_loop<2>(
        in.shape, {in.strides, std::span<const int64_t>(out_strides.data(), out_strides.size())});
    starts.erase(starts.begin() + axis);
    starts = collapse(starts);
  }

  int64_t count() const { return loop_size(starts); }
  /// Few long lines are worked on one by one, each on all threads; others are shared out.
  bool one_by_one() const { return length >= 131072 && count() < 8; }
};

/// Calls body(input offset, output offset, scratch) for every line; the scratch is what
/// make_scratch() gives, one for several lines.
template <typename MakeScratch, typename F>
void for_each_line(const Lines& lines, MakeScratch&& make_scratch, F&& body) {
  constexpr int64_t kTaskElements = 32768;
  int64_t count = lines.count();
  if (count == 0 || lines.length == 0) return;
  auto run = [&](size_t begin, size_t end) {
    auto scratch = make_scratch();
    LoopIterator<2> line(lines.starts, int64_t(begin));
    for (size_t i = begin; i < end; ++i, line.next()) body(line.offset(0), line.offset(1), scratch);
  };
  if (lines.one_by_one())
    run(0, size_t(count));
  else
    parallel_for(size_t(count), size_t(std::max<int64_t>(1, kTaskElements / lines.length)), run);
}

}  // namespace mlx::core::cpu
