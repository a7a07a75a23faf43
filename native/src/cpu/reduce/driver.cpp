#include "cpu/reduce/driver.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "cpu/reduce/accumulate.h"
#include "cpu/reduce/kernel.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Every border below comes from shape and strides alone: results can't depend on threads.
constexpr int64_t kTaskElements = 65536;
constexpr int64_t kMaxTile = 4096;
// Columns of a tile: their states stay in the first-level cache.
constexpr int64_t kColumnTile = 1024;
constexpr int64_t kMaxChunks = 256;
constexpr int64_t kMaxPartialStates = 131072;
// Rows as long as this are reduced at full speed one by one.
constexpr int64_t kMaxPooled = 128;
constexpr int64_t kMinPooledRows = 8;

using KeptAxis = LoopAxis<2>;
constexpr int64_t kIn = 0, kOut = 1;

int64_t magnitude(int64_t stride) { return stride < 0 ? -stride : stride; }

/// How a reduction is cut. Outputs: tiles along one kept axis, for every position of the others.
/// A long reduction with few outputs is cut along one reduced axis too, into chunks whose partial
/// states merge in order. Where a short reduced axis lies innermost in memory and others are
/// reduced too, it is kept at first, so that memory is read as columns; its states are pooled at
/// the end.
struct Plan {
  LoopAxes<2> outer;
  KeptAxis tiled{1, {0, 1}};
  LoopAxes<1> reduced;
  size_t chunked = 0;
  /// Running states: `pooled` of them, side by side along the tiled axis, make an output.
  int64_t states = 1;
  int64_t pooled = 1;
  /// Elements that a state takes.
  int64_t length = 1;
  int64_t tile = 1;
  int64_t tiles = 1;
  int64_t chunk = 1;
  int64_t chunks = 1;
  int64_t offset = 0;
};

/// The kept axis that is densest in the input is the one to tile.
void choose_tiled_axis(Plan& plan, LoopAxes<2> kept) {
  if (kept.empty()) return;
  auto tiled = kept.end() - 1;
  for (auto axis = kept.begin(); axis != kept.end(); ++axis) {
    int64_t stride = magnitude(axis->stride[kIn]);
    if (stride != 0 && (tiled->stride[kIn] == 0 || stride < magnitude(tiled->stride[kIn])))
      tiled = axis;
  }
  plan.tiled = *tiled;
  kept.erase(tiled);
  plan.outer = kept;
}

/// Reduced axes may be walked in any order: forwards, densest last, broadcast ones first.
void order_reduced_axes(Plan& plan, LoopAxes<1> reduced) {
  for (auto& axis : reduced) {
    if (axis.stride[0] >= 0) continue;
    plan.offset += (axis.size - 1) * axis.stride[0];
    axis.stride[0] = -axis.stride[0];
  }
  std::stable_sort(reduced.begin(), reduced.end(), [](const auto& a, const auto& b) {
    return b.stride[0] != 0 && (a.stride[0] == 0 || a.stride[0] > b.stride[0]);
  });
  plan.reduced = collapse(reduced);
  if (plan.reduced.empty()) plan.reduced.push_back({1, {1}});
}

void pool_innermost_axis(Plan& plan) {
  const LoopAxis<1> inner = plan.reduced.back();
  if (inner.size > kMaxPooled || plan.length / inner.size < kMinPooledRows ||
      plan.tiled.stride[kIn] != inner.size * inner.stride[0])
    return;
  plan.reduced.pop_back();
  plan.pooled = inner.size;
  plan.length /= inner.size;
  plan.states *= inner.size;
  plan.tiled.size *= inner.size;
  plan.tiled.stride[kIn] = inner.stride[0];
}

void choose_tiles_and_chunks(Plan& plan) {
  bool columns = magnitude(plan.tiled.stride[kIn]) < magnitude(plan.reduced.back().stride[0]);
  int64_t tile = columns ? kColumnTile : kTaskElements / plan.length;
  plan.tile = std::clamp<int64_t>(tile, 1, std::min(kMaxTile, plan.tiled.size));
  plan.tile = std::max(plan.pooled, plan.tile - plan.tile % plan.pooled);
  plan.tiles = (plan.tiled.size + plan.tile - 1) / plan.tile;

  for (size_t i = 0; i < plan.reduced.size(); ++i)
    if (plan.reduced[i].size > plan.reduced[plan.chunked].size) plan.chunked = i;
  int64_t steps = plan.reduced[plan.chunked].size;
  plan.chunk = steps;
  int64_t elements = plan.states * plan.length;
  int64_t tasks = plan.states / plan.tiled.size * plan.tiles;
  if (elements >= 2 * kTaskElements && tasks < 64) {
    int64_t max_chunks = std::clamp<int64_t>(kMaxPartialStates / plan.states, 1, kMaxChunks);
    int64_t step_elements = elements / steps;
    plan.chunk = std::max((kTaskElements + step_elements - 1) / step_elements,
                          (steps + max_chunks - 1) / max_chunks);
    plan.chunks = (steps + plan.chunk - 1) / plan.chunk;
  }
}

Plan make_plan(const StridedInput& in, std::span<const int> axes, bool ordered) {
  LoopAxes<2> kept;
  LoopAxes<1> reduced;
  Plan plan;
  for (size_t i = in.shape.size(); i-- > 0;) {
    if (std::find(axes.begin(), axes.end(), int(i)) != axes.end()) {
      reduced.push_back({in.shape[i], {in.strides[i]}});
      plan.length *= in.shape[i];
    } else {
      kept.push_back({in.shape[i], {in.strides[i], plan.states}});
      plan.states *= in.shape[i];
    }
  }
  std::reverse(kept.begin(), kept.end());
  if (plan.states == 0 || plan.length == 0) return plan;
  choose_tiled_axis(plan, collapse(kept));
  if (ordered)
    plan.reduced = reduced;
  else
    order_reduced_axes(plan, reduced);
  if (!ordered && plan.reduced.size() > 1) pool_innermost_axis(plan);
  choose_tiles_and_chunks(plan);
  return plan;
}

LoopAxes<1> chunk_axes(const Plan& plan, int64_t chunk) {
  LoopAxes<1> axes = plan.reduced;
  auto& chunked = axes[plan.chunked];
  chunked.size = std::min(plan.chunk, chunked.size - chunk * plan.chunk);
  return axes;
}

LoopAxis<1> take_last(LoopAxes<1>& axes) {
  LoopAxis<1> last = axes.back();
  axes.pop_back();
  return last;
}

/// The reduced elements of one chunk, row by row. Made once for many tiles, which may be small.
class ChunkRows {
 public:
  ChunkRows(const Plan& plan, int64_t chunk)
      : first_(chunk * plan.chunk),
        start_(first_ * plan.reduced[plan.chunked].stride[0]),
        output_stride_(plan.tiled.stride[kIn]),
        axes_(chunk_axes(plan, chunk)),
        inner_(take_last(axes_)),
        rows_(loop_size(axes_)),
        position_(axes_) {}

  /// Takes them into the states of `count` outputs along the tile.
  void accumulate(const ReduceKernel& kernel, const std::byte* in, size_t itemsize, int64_t count,
                  std::byte* states) {
    for (int64_t i = 0; i < rows_; ++i, position_.next())
      cpu::accumulate(kernel, in + (start_ + position_.offset(0)) * int64_t(itemsize), itemsize,
                      count, output_stride_, inner_.size, inner_.stride[0], first_, states);
  }

 private:
  const int64_t first_, start_, output_stride_;
  LoopAxes<1> axes_;
  const LoopAxis<1> inner_;
  const int64_t rows_;
  LoopIterator<1> position_;
};

/// Joins every `pooled` states into one; the results are side by side.
void pool(const ReduceKernel& kernel, int64_t pooled, std::byte* states, int64_t count) {
  const size_t size = kernel.state_size;
  for (int64_t first = 0, place = 0; first < count; first += pooled, ++place) {
    std::byte* into = states + size_t(place) * size;
    if (place > 0) std::memcpy(into, states + size_t(first) * size, size);
    for (int64_t i = 1; i < pooled; ++i) kernel.merge(into, states + size_t(first + i) * size, 1);
  }
}

void run_plan(const Plan& plan, const ReduceKernel& kernel, const std::byte* in, size_t itemsize,
              std::byte* out, size_t out_itemsize) {
  int64_t outer = plan.states / plan.tiled.size;
  bool split = plan.chunks > 1;
  // Partial states: [chunk][outer][tiled axis].
  std::unique_ptr<std::byte[]> partials;
  if (split) partials.reset(new std::byte[size_t(plan.chunks * plan.states) * kernel.state_size]);
  auto partial = [&](int64_t chunk, int64_t row, int64_t start) {
    return partials.get() +
           size_t((chunk * outer + row) * plan.tiled.size + start) * kernel.state_size;
  };
  auto finish = [&](std::byte* states, int64_t offset, int64_t start, int64_t count) {
    if (plan.pooled > 1) pool(kernel, plan.pooled, states, count);
    const int64_t stride = plan.tiled.stride[kOut], first = start / plan.pooled;
    kernel.finish(states, size_t(count / plan.pooled),
                  out + (offset + first * stride) * int64_t(out_itemsize), stride);
  };

  int64_t task_elements = plan.tile * plan.length / plan.chunks;
  size_t grain = size_t(std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, task_elements)));
  int64_t tasks = outer * plan.tiles;
  parallel_for(size_t(tasks * plan.chunks), grain, [&](size_t begin, size_t end) {
    std::unique_ptr<std::byte[]> local;
    if (!split) local.reset(new std::byte[size_t(plan.tile) * kernel.state_size]);
    int64_t row_tasks = plan.tiles * plan.chunks;
    int64_t row = int64_t(begin) / row_tasks, step = int64_t(begin) % row_tasks;
    LoopIterator<2> position(plan.outer, row);
    std::optional<ChunkRows> rows;
    for (size_t task = begin; task < end; ++task) {
      int64_t chunk = split ? step % plan.chunks : 0;
      int64_t start = (split ? step / plan.chunks : step) * plan.tile;
      int64_t count = std::min(plan.tile, plan.tiled.size - start);
      std::byte* states = split ? partial(chunk, row, start) : local.get();
      kernel.init(states, size_t(count));
      int64_t offset = plan.offset + position.offset(kIn) + start * plan.tiled.stride[kIn];
      if (split || !rows) rows.emplace(plan, chunk);
      rows->accumulate(kernel, in + offset * int64_t(itemsize), itemsize, count, states);
      if (!split) finish(states, position.offset(kOut), start, count);
      if (++step == row_tasks) {
        step = 0;
        ++row;
        position.next();
      }
    }
  });
  if (!split) return;
  parallel_for(size_t(tasks), 8, [&](size_t begin, size_t end) {
    LoopIterator<2> position(plan.outer);
    for (int64_t task = int64_t(begin); task < int64_t(end); ++task) {
      int64_t row = task / plan.tiles, start = task % plan.tiles * plan.tile;
      int64_t count = std::min(plan.tile, plan.tiled.size - start);
      position.seek(row);
      std::byte* states = partial(0, row, start);
      for (int64_t chunk = 1; chunk < plan.chunks; ++chunk)
        kernel.merge(states, partial(chunk, row, start), size_t(count));
      finish(states, position.offset(kOut), start, count);
    }
  });
}

void reduce_nothing(const ReduceKernel& kernel, int64_t outputs, std::byte* out,
                    size_t out_itemsize) {
  std::unique_ptr<std::byte[]> state(new std::byte[kernel.state_size]);
  kernel.init(state.get(), 1);
  for (int64_t i = 0; i < outputs; ++i)
    kernel.finish(state.get(), 1, out + i * int64_t(out_itemsize), 1);
}

}  // namespace

void run_reduction(const ReduceKernel& kernel, const StridedInput& in, std::span<const int> axes,
                   void* out, size_t out_itemsize) {
  Plan plan = make_plan(in, axes, kernel.ordered);
  auto to = static_cast<std::byte*>(out);
  if (plan.states == 0) return;
  if (plan.length > 0)
    run_plan(plan, kernel, static_cast<const std::byte*>(in.data), in.dtype.size(), to,
             out_itemsize);
  else if (kernel.has_identity)
    reduce_nothing(kernel, plan.states, to, out_itemsize);
  else
    throw std::invalid_argument(std::string("[") + kernel.name +
                                "] can't reduce an axis of size 0: it has no value of its own");
}

}  // namespace mlx::core::cpu
