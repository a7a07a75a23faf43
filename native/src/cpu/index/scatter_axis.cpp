#include <algorithm>
#include <vector>

#include "cpu/index/index_reader.h"
#include "cpu/index/scatter.h"
#include "cpu/index/scatter_kernels.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr int64_t kOut = 0, kIndex = 1, kUpdate = 2;
constexpr int64_t kTaskElements = 32768;
// Neighbouring lines worked on together: a step along the axis then uses whole cache lines.
constexpr int64_t kLines = 64;

const char* at(const StridedInput& view, int64_t offset) {
  return static_cast<const char*>(view.data) + offset * view.dtype.size();
}

void check_indices(const IndexedAxis& axis, const StridedInput& indices, int64_t count) {
  parallel_for(size_t(count), size_t(kTaskElements), [&](size_t begin, size_t end) {
    std::vector<int64_t> offsets(end - begin);
    add_index_offsets(axis, indices, int64_t(begin), int64_t(end), offsets.data());
  });
}

}  // namespace

void scatter_axis(ScatterMode mode, const StridedOutput& out, const StridedInput& indices, int axis,
                  const StridedInput& updates) {
  LoopAxes<3> loop = make_loop<3>(indices.shape, {out.strides, indices.strides, updates.strides});
  int64_t count = loop_size(loop);
  if (count == 0) return;
  IndexedAxis indexed{"scatter_axis", axis, out.shape[size_t(axis)], 1, out.strides[size_t(axis)]};
  check_indices(indexed, indices, count);

  // Lines along the axis write apart from each other, whatever their indices.
  LoopAxis<3> along = loop[size_t(axis)];
  loop.erase(loop.begin() + axis);
  loop = collapse(loop);
  LoopAxis<3> lines{1, {0, 0, 0}};
  if (!loop.empty()) {
    lines = loop.back();
    loop.pop_back();
  }
  ScatterKernels kernels = scatter_kernels(mode, out.dtype);
  int64_t groups = (lines.size + kLines - 1) / kLines;
  size_t grain = size_t(std::max<int64_t>(1, kTaskElements / (along.size * kLines)));
  parallel_for(size_t(loop_size(loop) * groups), grain, [&](size_t begin, size_t end) {
    int64_t offsets[kLines];
    LoopIterator<3> outer(loop);
    for (int64_t task = int64_t(begin); task < int64_t(end); ++task) {
      outer.seek(task / groups);
      int64_t first = task % groups * kLines, width = std::min(kLines, lines.size - first);
      auto start = [&](int64_t k) { return outer.offset(size_t(k)) + first * lines.stride[k]; };
      char* to = static_cast<char*>(out.data) + start(kOut) * out.dtype.size();
      // A single line is taken in pieces along the axis instead, still in order.
      bool single = width == 1;
      int64_t rows = single ? (along.size + kLines - 1) / kLines : along.size;
      for (int64_t row = 0; row < rows; ++row) {
        int64_t j = single ? row * kLines : row;
        int64_t length = single ? std::min(kLines, along.size - j) : width;
        const LoopAxis<3>& step = single ? along : lines;
        read_indices(indexed, indices.dtype, at(indices, start(kIndex) + j * along.stride[kIndex]),
                     step.stride[kIndex], length, offsets);
        kernels.indexed(to, single ? 0 : lines.stride[kOut], offsets,
                        at(updates, start(kUpdate) + j * along.stride[kUpdate]),
                        step.stride[kUpdate], length);
      }
    }
  });
}

}  // namespace mlx::core::cpu
