#include "cpu/index/scatter.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "cpu/index/index_reader.h"
#include "cpu/index/scatter_kernels.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kOut = 0, kUpdate = 1;
constexpr int64_t kSerialElements = 16384;
// Two threads shouldn't write the same cache line.
constexpr int64_t kMinRun = 32;

/// The places of all updates in index order. Axes with indices are expanded to single steps here,
/// so that what remains of a slice, `free`, never overlaps another slice but as a whole.
struct Placements {
  std::vector<Placement> list;
  LoopAxes<2> free;
};

Placements place_updates(const StridedOutput& out, std::span<const StridedInput> indices,
                         std::span<const int> axes, const StridedInput& updates) {
  size_t index_ndim = updates.shape.size() - out.shape.size();
  auto slice_sizes = updates.shape.subspan(index_ndim);
  LoopAxes<2> free, expanded;
  for (size_t i = 0; i < index_ndim; ++i)
    expanded.push_back({updates.shape[i], {0, updates.strides[i]}});
  for (size_t i = 0; i < slice_sizes.size(); ++i) {
    LoopAxis<2> axis{slice_sizes[i], {out.strides[i], updates.strides[index_ndim + i]}};
    bool indexed = std::find(axes.begin(), axes.end(), int(i)) != axes.end();
    (indexed ? expanded : free).push_back(axis);
  }

  IndexedPlaces places("scatter", indices, axes, out.shape, out.strides, slice_sizes);
  int64_t count = places.count();
  std::vector<int64_t> starts(static_cast<size_t>(count));
  parallel_for(size_t(count), size_t(kSerialElements), [&](size_t begin, size_t end) {
    places.read(int64_t(begin), int64_t(end), starts.data() + begin);
  });

  Placements placements{{}, {}};
  int64_t total = loop_size(expanded);
  if (total == 0 || loop_size(free) == 0) return placements;
  int64_t steps = total / count;
  placements.list.resize(size_t(total));
  parallel_for(size_t(total), size_t(kSerialElements), [&](size_t begin, size_t end) {
    LoopIterator<2> position(expanded, int64_t(begin));
    for (size_t i = begin; i < end; ++i, position.next())
      placements.list[i] = {starts[size_t(int64_t(i) / steps)] + position.offset(kOut),
                            position.offset(kUpdate)};
  });
  std::stable_sort(free.begin(), free.end(), [](const auto& a, const auto& b) {
    return std::abs(a.stride[kOut]) > std::abs(b.stride[kOut]);
  });
  placements.free = collapse(free);
  return placements;
}

struct Scatter {
  ScatterKernels kernels;
  char* out;
  const char* updates;
  int64_t itemsize;

  /// Applies, in order, the updates whose place is in [low, high), for a part of the free axes
  /// that starts at `start`.
  void apply(const std::vector<Placement>& list, LoopAxes<2> free, Placement start, int64_t low,
             int64_t high) const {
    if (free.empty()) return kernels.placed(out, updates, list, low, high);
    LoopAxis<2> run = free.back();
    free.pop_back();
    int64_t runs = loop_size(free);
    LoopIterator<2> position(free);
    for (const Placement& place : list) {
      if (place.out < low || place.out >= high) continue;
      for (int64_t r = 0; r < runs; ++r, position.next())
        kernels.run(out + (place.out + start.out + position.offset(kOut)) * itemsize,
                    run.stride[kOut],
                    updates + (place.update + start.update + position.offset(kUpdate)) * itemsize,
                    run.stride[kUpdate], run.size);
    }
  }

  /// Threads take parts of the slices: each place is still written in order, by one thread.
  void apply_by_slices(const Placements& placements, size_t widest) const {
    const LoopAxis<2>& axis = placements.free[widest];
    int64_t least = widest + 1 == placements.free.size() ? kMinRun : 1;
    int64_t parts = std::clamp<int64_t>(axis.size / least, 1, 2 * num_threads());
    int64_t grain = (axis.size + parts - 1) / parts;
    parallel_for(size_t(axis.size), size_t(grain), [&](size_t begin, size_t end) {
      LoopAxes<2> part = placements.free;
      part[widest].size = int64_t(end - begin);
      Placement start{int64_t(begin) * axis.stride[kOut], int64_t(begin) * axis.stride[kUpdate]};
      apply(placements.list, part, start, std::numeric_limits<int64_t>::min(),
            std::numeric_limits<int64_t>::max());
    });
  }

  /// Threads take ranges of places, each reading the whole list.
  void apply_by_places(const Placements& placements) const {
    int64_t low = std::numeric_limits<int64_t>::max(), high = std::numeric_limits<int64_t>::min();
    for (const Placement& place : placements.list) {
      low = std::min(low, place.out);
      high = std::max(high, place.out);
    }
    int64_t width = (high - low) / num_threads() + 1;
    parallel_for(size_t(high - low + 1), size_t(width), [&](size_t begin, size_t end) {
      apply(placements.list, placements.free, {0, 0}, low + int64_t(begin), low + int64_t(end));
    });
  }
};

}  // namespace

void scatter(ScatterMode mode, const StridedOutput& out, std::span<const StridedInput> indices,
             std::span<const int> axes, const StridedInput& updates) {
  Placements placements = place_updates(out, indices, axes, updates);
  if (placements.list.empty()) return;
  Scatter scatter{scatter_kernels(mode, out.dtype), static_cast<char*>(out.data),
                  static_cast<const char*>(updates.data), out.dtype.size()};
  const LoopAxes<2>& free = placements.free;
  int64_t slice = loop_size(free);
  size_t widest = 0;
  for (size_t i = 0; i < free.size(); ++i)
    if (free[i].size > free[widest].size) widest = i;
  bool wide = !free.empty() && free[widest].size >= 2 * kMinRun;
  // Which thread does what never changes the order at one place.
  if (int64_t(placements.list.size()) * slice < kSerialElements)
    scatter.apply(placements.list, free, {0, 0}, std::numeric_limits<int64_t>::min(),
                  std::numeric_limits<int64_t>::max());
  else if (wide)
    scatter.apply_by_slices(placements, widest);
  else
    scatter.apply_by_places(placements);
}

}  // namespace mlx::core::cpu
