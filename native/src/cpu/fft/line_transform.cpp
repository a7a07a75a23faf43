#include "cpu/fft/line_transform.h"

#include <algorithm>

#include "cpu/fft/block_transform.h"
#include "cpu/fft/spectrum_kernels.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr size_t kTaskElements = 32768;

size_t blocks_of(size_t lines) { return (lines + kLanes - 1) / kLanes; }

/// Lanes that begin `step` apart.
LaneLayout even_lanes(size_t lanes, int64_t lane_step, int64_t step, int64_t part_step) {
  LaneLayout layout{{}, lanes, step, part_step};
  for (size_t lane = 0; lane < lanes; ++lane) layout.starts[lane] = int64_t(lane) * lane_step;
  return layout;
}

void transform_single_lane(const ColumnPlan& plan, ConstLine in, Line out, bool inverse,
                           float scale) {
  Scratch<float> memory(int64_t(block_memory_rows(plan) * kRow));
  transform_block(plan, even_lanes(1, 0, in.step, in.part_step), in.data,
                  even_lanes(1, 0, out.step, out.part_step), out.data, inverse, scale,
                  memory.data());
}

/// Calls body(block, memory) for blocks of lines that a plan transforms.
template <typename F>
void for_each_block(size_t blocks, const ColumnPlan& plan, F&& body) {
  size_t grain = std::max<size_t>(1, kTaskElements / (plan.length * kLanes));
  parallel_for(blocks, grain, [&](size_t begin, size_t end) {
    Scratch<float> memory(int64_t(block_memory_rows(plan) * kRow));
    for (size_t b = begin; b < end; ++b) body(b, memory.data());
  });
}

void transform_matrix(const MatrixPlan& plan, ConstLine in, Line out, bool inverse, float scale) {
  const size_t rows = plan.columns.length, columns = plan.rows.length;
  const size_t block_size = columns * kRow;
  Scratch<float> turned(int64_t(blocks_of(rows) * block_size));

  for_each_block(blocks_of(columns), plan.columns, [&](size_t b, float* memory) {
    size_t begin = b * kLanes, lanes = std::min(kLanes, columns - begin);
    LaneLayout layout = even_lanes(lanes, in.step, int64_t(columns) * in.step, in.part_step);
    const float* low = plan.twiddles.data() + b * plan.twiddle_rows() * kRow;
    Twiddles twiddles{low, low + MatrixPlan::kLowRows * kRow, MatrixPlan::kLowRows};
    float* spare = memory + rows * kRow;
    ConstRows from =
        rows_of_block(plan.columns, layout, in.data + int64_t(begin) * in.step, inverse, memory);
    transform_and_turn(plan.columns, from, twiddles, int64_t(block_size), lanes,
                       turned.data() + begin * kRow, spare);
  });

  for_each_block(blocks_of(rows), plan.rows, [&](size_t b, float* memory) {
    size_t begin = b * kLanes, lanes = std::min(kLanes, rows - begin);
    LaneLayout layout = even_lanes(lanes, out.step, int64_t(rows) * out.step, out.part_step);
    transform_rows(plan.rows, const_block_rows(turned.data() + b * block_size), layout,
                   out.data + int64_t(begin) * out.step, inverse, scale, memory);
  });
}

void transform_chirp(const ChirpPlan& plan, ConstLine in, Line out, bool inverse, float scale) {
  const size_t length = plan.chirp.size() / 2, padded = plan.inner->length;
  Scratch<float> memory(int64_t(2 * padded));
  float* line = memory.data();
  for (size_t i = 0; i < length; ++i) {
    const float* from = in.data + int64_t(i) * in.step;
    line[2 * i] = from[0];
    line[2 * i + 1] = in.part_step != kNoImaginaryPart ? from[in.part_step] : 0;
  }
  multiply_line(line, plan.chirp.data(), length, {inverse, false}, 1, line);
  std::fill(line + 2 * length, line + 2 * padded, 0.0f);
  transform_line(*plan.inner, {line, 2, 1}, {line, 2, 1}, false, 1);
  multiply_line(line, plan.filter.data(), padded, {}, 1 / float(padded), line);
  transform_line(*plan.inner, {line, 2, 1}, {line, 2, 1}, true, 1);
  multiply_line(line, plan.chirp.data(), length, {false, inverse}, scale, line);
  for (size_t i = 0; i < length; ++i) {
    float* to = out.data + int64_t(i) * out.step;
    to[0] = line[2 * i];
    if (out.part_step != kNoImaginaryPart) to[out.part_step] = line[2 * i + 1];
  }
}

}  // namespace

void transform_line(const LinePlan& plan, ConstLine in, Line out, bool inverse, float scale) {
  if (plan.chirp)
    transform_chirp(*plan.chirp, in, out, inverse, scale);
  else if (plan.matrix)
    transform_matrix(*plan.matrix, in, out, inverse, scale);
  else
    transform_single_lane(*plan.columns, in, out, inverse, scale);
}

}  // namespace mlx::core::cpu
