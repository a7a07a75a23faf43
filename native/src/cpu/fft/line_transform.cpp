#include "cpu/fft/line_transform.h"

#include <algorithm>

#include "cpu/fft/block_kernels.h"
#include "cpu/fft/column_kernels.h"
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
  Scratch<float> memory(int64_t(2 * plan.length * kRow));
  float* block = memory.data();
  load_block(even_lanes(1, 0, in.step, in.part_step), in.data, plan.length, inverse, block);
  float* result = transform_columns(plan, block, block + plan.length * kRow);
  store_block(even_lanes(1, 0, out.step, out.part_step), result, plan.length, inverse, scale,
              out.data);
}

/// Calls body(block, memory) for blocks of lines of a length; the memory is two blocks', the first
/// with rows up to a multiple of kLanes.
template <typename F>
void for_each_block(size_t blocks, size_t length, F&& body) {
  size_t grain = std::max<size_t>(1, kTaskElements / (length * kLanes));
  parallel_for(blocks, grain, [&](size_t begin, size_t end) {
    Scratch<float> memory(int64_t(2 * blocks_of(length) * kLanes * kRow));
    for (size_t b = begin; b < end; ++b) body(b, memory.data());
  });
}

void transform_matrix(const MatrixPlan& plan, ConstLine in, Line out, bool inverse, float scale) {
  const size_t rows = plan.columns.length, columns = plan.rows.length;
  const size_t block_size = columns * kRow;
  Scratch<float> turned(int64_t(blocks_of(rows) * block_size));

  for_each_block(blocks_of(columns), rows, [&](size_t b, float* memory) {
    size_t begin = b * kLanes, lanes = std::min(kLanes, columns - begin);
    float* spare = memory + blocks_of(rows) * kLanes * kRow;
    LaneLayout layout = even_lanes(lanes, in.step, int64_t(columns) * in.step, in.part_step);
    load_block(layout, in.data + int64_t(begin) * in.step, rows, inverse, memory);
    float* result = transform_columns(plan.columns, memory, spare);
    Twiddles twiddles{plan.first.data() + 2 * b * rows, plan.lanes.data()};
    turn_block(result, rows, twiddles, lanes, int64_t(block_size), turned.data() + begin * kRow);
  });

  for_each_block(blocks_of(rows), columns, [&](size_t b, float* memory) {
    size_t begin = b * kLanes, lanes = std::min(kLanes, rows - begin);
    float* result = transform_columns(plan.rows, turned.data() + b * block_size, memory);
    LaneLayout layout = even_lanes(lanes, out.step, int64_t(rows) * out.step, out.part_step);
    store_block(layout, result, columns, inverse, scale, out.data + int64_t(begin) * out.step);
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
