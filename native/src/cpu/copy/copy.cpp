#include "cpu/copy/copy.h"

#include <algorithm>
#include <cstring>

#include "array/dtype_dispatch.h"
#include "cpu/copy/transpose.h"
#include "cpu/strided_loop.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

// Elements a task moves: large enough to hide the pool's cost, small enough to balance.
constexpr int64_t kTaskElements = 32768;
// A transposed block of 64 rows writes whole cache lines of every element size.
constexpr int64_t kTransposeRows = 64;
constexpr int64_t kDst = 0, kSrc = 1;

using Axis = LoopAxis<2>;
using Axes = LoopAxes<2>;

template <typename T>
void copy_run(const T* src, int64_t src_stride, T* dst, int64_t dst_stride, int64_t count) {
  if (dst_stride == 1 && src_stride == 1) {
    if (count * int64_t(sizeof(T)) >= 64)
      std::memcpy(dst, src, size_t(count) * sizeof(T));
    else
      for (int64_t i = 0; i < count; ++i) dst[i] = src[i];
  } else if (dst_stride == 1 && src_stride == 0) {
    std::fill_n(dst, count, *src);
  } else if (dst_stride == 1) {
    for (int64_t i = 0; i < count; ++i) dst[i] = src[i * src_stride];
  } else {
    for (int64_t i = 0; i < count; ++i) dst[i * dst_stride] = src[i * src_stride];
  }
}

/// The two axes a task works on, and how it is cut into blocks.
struct Plan {
  Axes outer;
  Axis rows{1, {0, 0}};
  Axis run{1, {0, 0}};
  bool transposed = false;
  int64_t block_rows = 1;
  int64_t block_run = 1;
};

/// Points every axis forwards in dst and puts the one dst is densest along last.
void order_axes(Axes& axes, int64_t& dst_offset, int64_t& src_offset) {
  for (Axis& axis : axes) {
    if (axis.stride[kDst] >= 0) continue;
    dst_offset += (axis.size - 1) * axis.stride[kDst];
    src_offset += (axis.size - 1) * axis.stride[kSrc];
    axis.stride[kDst] = -axis.stride[kDst];
    axis.stride[kSrc] = -axis.stride[kSrc];
  }
  std::stable_sort(axes.begin(), axes.end(),
                   [](const Axis& a, const Axis& b) { return a.stride[kDst] > b.stride[kDst]; });
  axes = collapse(axes);
}

Plan make_plan(Axes axes) {
  Plan plan;
  if (!axes.empty()) {
    plan.run = axes.back();
    axes.pop_back();
  }
  if (!axes.empty()) {
    auto rows = axes.end() - 1;
    if (plan.run.stride[kDst] == 1 && plan.run.stride[kSrc] != 1 && plan.run.size >= 4) {
      auto dense = std::find_if(axes.begin(), axes.end(), [](const Axis& axis) {
        return axis.stride[kSrc] == 1 && axis.size >= 4;
      });
      plan.transposed = dense != axes.end() && plan.run.stride[kSrc] != 0;
      if (plan.transposed) rows = dense;
    }
    plan.rows = *rows;
    axes.erase(rows);
  }
  plan.outer = axes;
  if (plan.transposed) {
    plan.block_rows = std::min(plan.rows.size, kTransposeRows);
    plan.block_run = std::min(plan.run.size, kTaskElements / kTransposeRows);
  } else {
    plan.block_run = std::min(plan.run.size, kTaskElements);
    plan.block_rows = std::clamp<int64_t>(kTaskElements / plan.block_run, 1, plan.rows.size);
  }
  return plan;
}

template <typename T>
void copy_block(const Plan& plan, const T* src, T* dst, int64_t rows, int64_t count) {
  if (plan.transposed) {
    transpose(src, plan.run.stride[kSrc], dst, plan.rows.stride[kDst], rows, count);
    return;
  }
  // Short runs are walked across instead, so that the inner loop is the long one.
  if (count < 8 && count < rows) {
    for (int64_t i = 0; i < count; ++i)
      copy_run(src + i * plan.run.stride[kSrc], plan.rows.stride[kSrc],
               dst + i * plan.run.stride[kDst], plan.rows.stride[kDst], rows);
    return;
  }
  for (int64_t r = 0; r < rows; ++r)
    copy_run(src + r * plan.rows.stride[kSrc], plan.run.stride[kSrc],
             dst + r * plan.rows.stride[kDst], plan.run.stride[kDst], count);
}

template <typename T>
void run_plan(const Plan& plan, const T* src, T* dst) {
  int64_t row_blocks = (plan.rows.size + plan.block_rows - 1) / plan.block_rows;
  int64_t run_blocks = (plan.run.size + plan.block_run - 1) / plan.block_run;
  int64_t blocks = row_blocks * run_blocks;
  int64_t grain = std::max<int64_t>(1, kTaskElements / (plan.block_rows * plan.block_run));
  parallel_for(
      size_t(loop_size(plan.outer) * blocks), size_t(grain), [&](size_t begin, size_t end) {
        LoopIterator<2> outer(plan.outer, int64_t(begin) / blocks);
        int64_t block = int64_t(begin) % blocks;
        for (size_t task = begin; task < end; ++task) {
          int64_t row = block / run_blocks * plan.block_rows;
          int64_t at = block % run_blocks * plan.block_run;
          copy_block(
              plan,
              src + outer.offset(kSrc) + row * plan.rows.stride[kSrc] + at * plan.run.stride[kSrc],
              dst + outer.offset(kDst) + row * plan.rows.stride[kDst] + at * plan.run.stride[kDst],
              std::min(plan.block_rows, plan.rows.size - row),
              std::min(plan.block_run, plan.run.size - at));
          if (++block == blocks) {
            block = 0;
            outer.next();
          }
        }
      });
}

}  // namespace

void copy_strided(size_t itemsize, std::span<const int32_t> shape, const void* src,
                  std::span<const int64_t> src_strides, void* dst,
                  std::span<const int64_t> dst_strides) {
  Axes axes = make_loop<2>(shape, {dst_strides, src_strides});
  if (loop_size(axes) == 0) return;
  int64_t dst_offset = 0, src_offset = 0;
  order_axes(axes, dst_offset, src_offset);
  Plan plan = make_plan(axes);
  dispatch_width(itemsize, [&](auto tag) {
    using T = typename decltype(tag)::type;
    run_plan(plan, static_cast<const T*>(src) + src_offset, static_cast<T*>(dst) + dst_offset);
  });
}

void copy_contiguous(size_t itemsize, std::span<const int32_t> shape, const void* src,
                     std::span<const int64_t> src_strides, void* dst) {
  auto strides = contiguous_strides(shape);
  copy_strided(itemsize, shape, src, src_strides, dst,
               std::span<const int64_t>(strides.data(), strides.size()));
}

}  // namespace mlx::core::cpu
