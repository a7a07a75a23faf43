#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mlx/small_vector.h"

namespace mlx::core::cpu {

/// One axis of a loop that walks N memories at once.
template <size_t N>
struct LoopAxis {
  int64_t size;
  std::array<int64_t, N> stride;
};

/// Axes from the outermost to the innermost.
template <size_t N>
using LoopAxes = SmallVector<LoopAxis<N>, 6>;

template <size_t N>
int64_t loop_size(const LoopAxes<N>& axes) {
  int64_t size = 1;
  for (const auto& axis : axes) size *= axis.size;
  return size;
}

/// Whether stepping inner.size times along inner is one step along outer, in every memory.
template <size_t N>
bool can_merge(const LoopAxis<N>& outer, const LoopAxis<N>& inner) {
  for (size_t k = 0; k < N; ++k)
    if (outer.stride[k] != inner.stride[k] * inner.size) return false;
  return true;
}

/// Drops axes of size one and merges neighbours, keeping the order of the walk.
template <size_t N>
LoopAxes<N> collapse(const LoopAxes<N>& axes) {
  LoopAxes<N> out;
  for (const auto& axis : axes) {
    if (axis.size == 1) continue;
    if (!out.empty() && can_merge(out.back(), axis))
      out.back() = {out.back().size * axis.size, axis.stride};
    else
      out.push_back(axis);
  }
  return out;
}

/// Axes of a shape with one list of strides a memory, outermost first.
template <size_t N>
LoopAxes<N> make_loop(std::span<const int32_t> shape,
                      const std::array<std::span<const int64_t>, N>& strides) {
  LoopAxes<N> axes;
  for (size_t i = 0; i < shape.size(); ++i) {
    LoopAxis<N> axis{shape[i], {}};
    for (size_t k = 0; k < N; ++k) axis.stride[k] = strides[k][i];
    axes.push_back(axis);
  }
  return axes;
}

/// Row-contiguous strides of a shape.
inline SmallVector<int64_t, 6> contiguous_strides(std::span<const int32_t> shape) {
  SmallVector<int64_t, 6> strides(shape.size());
  // Unsigned, since beside a size of 0 the others may have any product.
  uint64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= uint64_t(shape[i])) strides[i] = int64_t(stride);
  return strides;
}

/// A position in a loop and its element offset in each memory.
template <size_t N>
class LoopIterator {
 public:
  explicit LoopIterator(const LoopAxes<N>& axes, int64_t position = 0)
      : axes_(axes), index_(axes.size()) {
    seek(position);
  }

  void seek(int64_t position) {
    offset_.fill(0);
    for (size_t i = axes_.size(); i-- > 0;) {
      index_[i] = position % axes_[i].size;
      position /= axes_[i].size;
      for (size_t k = 0; k < N; ++k) offset_[k] += index_[i] * axes_[i].stride[k];
    }
  }

  /// Steps to the next position in row-major order; wraps to the start after the last.
  void next() {
    for (size_t i = axes_.size(); i-- > 0;) {
      const LoopAxis<N>& axis = axes_[i];
      if (++index_[i] < axis.size) {
        for (size_t k = 0; k < N; ++k) offset_[k] += axis.stride[k];
        return;
      }
      index_[i] = 0;
      for (size_t k = 0; k < N; ++k) offset_[k] -= (axis.size - 1) * axis.stride[k];
    }
  }

  int64_t offset(size_t memory) const { return offset_[memory]; }

 private:
  const LoopAxes<N>& axes_;
  SmallVector<int64_t, 6> index_;
  std::array<int64_t, N> offset_;
};

}  // namespace mlx::core::cpu
