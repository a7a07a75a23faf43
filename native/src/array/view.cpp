#include "array/view.h"

#include <algorithm>
#include <cstdlib>

namespace mlx::core {
namespace {

struct Axis {
  int64_t size;
  int64_t stride;
};
using Axes = SmallVector<Axis, 6>;

Axes long_axes(const Shape& shape, const Strides& strides) {
  Axes axes;
  for (size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != 1) axes.push_back({shape[i], strides[i]});
  return axes;
}

bool runs_densely(const Axes& from_innermost) {
  int64_t step = 1;
  for (auto& axis : from_innermost) {
    if (axis.stride != step) return false;
    step *= axis.size;
  }
  return true;
}

/// Elements from the lowest to the highest place in memory.
size_t span_of(const Axes& axes) {
  int64_t span = 1;
  for (auto& axis : axes) span += (axis.size - 1) * std::abs(axis.stride);
  return size_t(span);
}

array::Flags flags_of(Axes axes) {
  array::Flags flags;
  flags.col_contiguous = runs_densely(axes);
  std::reverse(axes.begin(), axes.end());
  flags.row_contiguous = runs_densely(axes);
  // A repeated axis adds no places, and the order of the others doesn't matter.
  auto end = std::remove_if(axes.begin(), axes.end(), [](const Axis& a) { return a.stride == 0; });
  axes.erase(end, axes.end());
  std::sort(axes.begin(), axes.end(),
            [](const Axis& a, const Axis& b) { return a.stride < b.stride; });
  flags.contiguous = runs_densely(axes);
  return flags;
}

}  // namespace

void make_view(const array& in, const Strides& strides, int64_t offset, array& out) {
  if (out.size() == 0) {
    out.set_data(allocator::malloc(0));
    return;
  }
  Axes axes = long_axes(out.shape(), strides);
  out.copy_shared_buffer(in, strides, flags_of(axes), span_of(axes), offset);
}

int64_t offset_of(const Shape& index, const Strides& strides) {
  int64_t offset = 0;
  for (size_t i = 0; i < index.size(); ++i) offset += index[i] * strides[i];
  return offset;
}

Strides stepped(const Strides& strides, const Shape& steps) {
  Strides result = strides;
  for (size_t i = 0; i < steps.size(); ++i) result[i] *= steps[i];
  return result;
}

Strides broadcast_strides(const array& in, const Shape& shape) {
  Strides strides(shape.size(), 0);
  size_t lead = shape.size() - in.ndim();
  for (size_t i = 0; i < in.ndim(); ++i)
    if (in.shape()[i] != 1 || shape[lead + i] == 1) strides[lead + i] = in.strides()[i];
  return strides;
}

std::optional<Strides> reshape_strides(const Shape& shape, const Strides& strides,
                                       const Shape& new_shape) {
  // Runs of axes that one stride describes, innermost first.
  Axes runs;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] == 1) continue;
    if (!runs.empty() && strides[i] == runs.back().stride * runs.back().size) {
      runs.back().size *= shape[i];
    } else {
      runs.push_back({shape[i], strides[i]});
    }
  }
  Strides result(new_shape.size());
  size_t run = 0;
  int64_t used = 1;
  for (size_t i = new_shape.size(); i-- > 0;) {
    int64_t n = new_shape[i];
    if (run < runs.size() && used == runs[run].size && n != 1) {
      ++run;
      used = 1;
    }
    result[i] = run < runs.size() ? runs[run].stride * used : 1;
    if (n == 1) continue;
    // An axis can't lie across two runs.
    if (runs[run].size % (used * n) != 0) return std::nullopt;
    used *= n;
  }
  return result;
}

}  // namespace mlx::core
