#include "cpu/fft/line_transform.h"

#include <algorithm>

#include "cpu/fft/block_transform.h"
#include "cpu/fft/spectrum_kernels.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr size_t kTaskElements = 32768;
// Neighbouring blocks are loaded and stored together as far as they fit the second-level cache with
// these rows: wider rows are moved faster.
constexpr size_t kHeldRows = 4096;
// Results of lines as long as this don't stay in the cache, and would drive out what is read.
constexpr size_t kStreamedLength = size_t(1) << 19;

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

/// The first half of a matrix's transform; `turned` receives its rows as blocks.
void transform_matrix_columns(const MatrixPlan& plan, ConstLine in, bool inverse,
                              int64_t block_step, float* turned) {
  const ColumnPlan& columns = plan.columns;
  const size_t rows = columns.length, count = plan.rows.length;
  const int64_t row_step = int64_t(count) * in.step;
  const bool dense = in.step == 2 && in.part_step == 1;
  const size_t most = std::max<size_t>(1, kHeldRows / rows);
  const size_t grain = std::max<size_t>(1, kTaskElements / (rows * kLanes));
  parallel_for(blocks_of(count), grain, [&](size_t begin, size_t end) {
    Scratch<float> memory(int64_t((most * rows + column_memory_rows(columns)) * kRow));
    float* blocks = memory.data();
    float* spare = blocks + most * rows * kRow;
    for (size_t b = begin, loaded = 0; b < end; b += loaded) {
      const float* from = in.data + int64_t(b * kLanes) * in.step;
      loaded = std::min({most, end - b, (count - b * kLanes) / kLanes});
      if (dense && loaded > 0) {
        load_neighbour_blocks(from, row_step, rows, loaded, inverse, blocks);
      } else {
        loaded = 1;
        const size_t lanes = std::min(kLanes, count - b * kLanes);
        load_block(even_lanes(lanes, in.step, row_step, in.part_step), from, rows, inverse, blocks);
      }
      for (size_t i = 0; i < loaded; ++i) {
        const size_t column = (b + i) * kLanes;
        const float* low = plan.twiddles.data() + (b + i) * plan.twiddle_rows() * kRow;
        Twiddles twiddles{low, low + MatrixPlan::kLowRows * kRow, MatrixPlan::kLowRows};
        transform_and_turn(columns, const_block_rows(blocks + i * rows * kRow), twiddles,
                           block_step, std::min(kLanes, count - column), turned + column * kRow,
                           spare);
      }
    }
  });
}

/// The second half, from these blocks.
void transform_matrix_rows(const MatrixPlan& plan, const float* turned, int64_t block_step,
                           Line out, bool inverse, float scale) {
  const ColumnPlan& rows = plan.rows;
  const size_t length = rows.length, count = plan.columns.length;
  const size_t grain = std::max<size_t>(1, kTaskElements / (length * kLanes));
  const int64_t row_step = int64_t(count) * out.step;
  const bool streamed = out.step == 2 && out.part_step == 1 && count * length >= kStreamedLength &&
                        length < kHeldRows;
  const size_t most = streamed ? kHeldRows / length : 0;
  parallel_for(blocks_of(count), grain, [&](size_t begin, size_t end) {
    Scratch<float> memory(int64_t((block_memory_rows(rows) + most * length) * kRow));
    float* held = memory.data() + block_memory_rows(rows) * kRow;
    for (size_t b = begin, done = 0; b < end; b += done) {
      float* to = out.data + int64_t(b * kLanes) * out.step;
      const size_t lanes = std::min(kLanes, count - b * kLanes);
      done = std::min({most, end - b, (count - b * kLanes) / kLanes});
      const size_t blocks = std::max<size_t>(1, done);
      for (size_t i = 0; i < blocks; ++i) {
        ConstRows from = const_block_rows(turned + int64_t(b + i) * block_step);
        if (b + i + 1 < end) from.next = from.data + block_step;
        if (done > 0)
          transform_columns(rows, from, block_rows(held + i * length * kRow), 1, memory.data());
        else
          transform_rows(rows, from, even_lanes(lanes, out.step, row_step, out.part_step), to,
                         inverse, scale, memory.data());
      }
      if (done > 0) store_neighbour_blocks(held, length, done, inverse, scale, to, row_step);
      done = blocks;
    }
  });
}

void transform_matrix(const MatrixPlan& plan, ConstLine in, Line out, bool inverse, float scale) {
  // A distance that is no power of two spreads the blocks over the cache's sets.
  const size_t block_step = (plan.rows.length + kLanes) * kRow;
  Scratch<float> turned(int64_t(blocks_of(plan.columns.length) * block_step));
  transform_matrix_columns(plan, in, inverse, int64_t(block_step), turned.data());
  transform_matrix_rows(plan, turned.data(), int64_t(block_step), out, inverse, scale);
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
