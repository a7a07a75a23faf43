#include "cpu/fft/block_transform.h"

namespace mlx::core::cpu {
namespace {

RowFormat complex_format(bool swapped) { return swapped ? RowFormat::swapped : RowFormat::complex; }

/// Whether each row is kLanes complex numbers without gaps.
bool has_dense_rows(const LaneLayout& layout) {
  if (layout.lanes < kLanes || layout.part_step != 1) return false;
  for (size_t lane = 1; lane < kLanes; ++lane)
    if (layout.starts[lane] - layout.starts[lane - 1] != 2) return false;
  return true;
}

}  // namespace

size_t block_memory_rows(const ColumnPlan& plan) { return plan.length + column_memory_rows(plan); }

ConstRows rows_of_block(const ColumnPlan& plan, const LaneLayout& layout, const float* data,
                        bool swapped, float* block) {
  bool several_passes = plan.first.size() + plan.second.size() > 1;
  if (several_passes && has_dense_rows(layout))
    return {data + layout.starts[0], layout.step, complex_format(swapped)};
  load_block(layout, data, plan.length, swapped, block);
  return const_block_rows(block);
}

void transform_rows(const ColumnPlan& plan, ConstRows in, const LaneLayout& layout, float* data,
                    bool swapped, float scale, float* memory) {
  if (has_dense_rows(layout)) {
    Rows to{data + layout.starts[0], layout.step, complex_format(swapped)};
    return transform_columns(plan, in, to, scale, memory);
  }
  float* block = memory + column_memory_rows(plan) * kRow;
  transform_columns(plan, in, block_rows(block), 1, memory);
  store_block(layout, block, plan.length, swapped, scale, data);
}

void transform_block(const ColumnPlan& plan, const LaneLayout& in, const float* from,
                     const LaneLayout& out, float* to, bool inverse, float scale, float* memory) {
  float* block = memory + column_memory_rows(plan) * kRow;
  transform_rows(plan, rows_of_block(plan, in, from, inverse, block), out, to, inverse, scale,
                 memory);
}

}  // namespace mlx::core::cpu
