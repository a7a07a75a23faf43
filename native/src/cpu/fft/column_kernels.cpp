// Highway compiles this file once for each SIMD target.
#include "cpu/fft/column_kernels.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/fft/column_kernels.cpp"
#include "hwy/foreach_target.h"

#include "cpu/fft/pass-inl.h"
#include "cpu/fft/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mlx::core::cpu {
namespace HWY_NAMESPACE {

using Passes = std::span<const Pass>;

/// Rows, of which a transform takes runs of neighbours as if they were one.
struct ConstRuns {
  ConstRows rows;
  int64_t step;
};
struct Runs {
  Rows rows;
  int64_t step;
};

/// A step between the groups that is no power of two spreads rows that are read together over the
/// cache's sets.
int64_t run_between(const ColumnPlan& plan) { return int64_t((plan.first_length + 1) * kRow); }

/// The memory behind the rows between the groups.
struct Tiles {
  float* one;
  float* other;
  float* behind;

  Tiles(const ColumnPlan& plan, float* memory)
      : one(memory + plan.rows_between_groups() * kRow),
        other(one + plan.rows_of_tile() * kRow),
        behind(other + plan.rows_of_tile() * kRow) {}
};

/// All passes of a group. The tiles have room for the group's rows.
void run_group(Passes passes, size_t batch, ConstRuns in, Runs out, const float* last_twiddles,
               float scale, const Tiles& memory) {
  const Runs tiles[2] = {{block_rows(memory.one), int64_t(batch * kRow)},
                         {block_rows(memory.other), int64_t(batch * kRow)}};
  for (size_t i = 0; i < passes.size(); ++i) {
    const bool last = i + 1 == passes.size();
    const Runs& to = last ? out : tiles[i % 2];
    pass_kernel(passes[i].radix, in.rows.format, to.rows.format)(
        PassShape(passes[i]),
        {in.rows.data, in.step, in.rows.step, to.rows.data, to.step, to.rows.step, batch,
         last ? last_twiddles : nullptr, scale, i == 0 ? in.rows.next : nullptr});
    in = {{to.rows.data, to.rows.step, to.rows.format}, to.step};
  }
}

/// The first of two groups; its rows come out as Stockham's order has them before the second.
void run_first_group(const ColumnPlan& plan, ConstRows in, float* out, const Tiles& tiles) {
  const size_t others = plan.second_length;
  const int64_t step = int64_t(others) * in.step, out_step = run_between(plan);
  for (size_t p = 0; p < others; p += kFirstBatch) {
    ConstRows from{in.data + int64_t(p) * in.step, in.step, in.format};
    if (in.next) from.next = in.next + p * plan.first_length * kRow;
    Rows to{out + int64_t(p) * out_step, out_step, RowFormat::block};
    run_group(plan.first, std::min(kFirstBatch, others - p), {from, step}, {to, kRow},
              plan.twiddles.data() + 2 * p * plan.first_length, 1, tiles);
  }
}

void run_columns(const ColumnPlan& plan, ConstRows in, Rows out, float scale, float* memory) {
  const Tiles tiles(plan, memory);
  if (plan.second.empty())
    return run_group(plan.first, 1, {in, in.step}, {out, out.step}, nullptr, scale, tiles);
  run_first_group(plan, in, memory, tiles);
  const int64_t length = int64_t(plan.first_length);
  for (int64_t q = 0; q < length; q += kLanes) {
    Rows to{out.data + q * out.step, out.step, out.format};
    run_group(plan.second, size_t(std::min(int64_t(kLanes), length - q)),
              {const_block_rows(memory + q * kRow), run_between(plan)}, {to, length * out.step},
              nullptr, scale, tiles);
  }
}

/// Where turned rows go.
struct TurnedRows {
  Twiddles twiddles;
  size_t rows;
  size_t columns;
  int64_t block_step;
  float* data;
};

HWY_INLINE void prefetch_turned_rows(size_t k, const TurnedRows& to) {
  if (k >= to.rows) return;
  const float* destination = to.data + int64_t(k / kLanes) * to.block_step;
  for (size_t c = 0; c < to.columns; ++c) __builtin_prefetch(destination + c * kRow, 1);
}

/// kLanes rows, of which k is the first.
HWY_INLINE void turn_rows(float* rows, size_t k, const TurnedRows& to) {
  const LanesTag d;
  const float* low = to.twiddles.low + k % to.twiddles.low_rows * kRow;
  const float* high = to.twiddles.high + k / to.twiddles.low_rows * kRow;
  for (size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
    const ComplexVector shared = load_row(high + lane);
#pragma GCC unroll 8
    for (size_t r = 0; r < kLanes; ++r) {
      float* row = rows + r * kRow + lane;
      store_row(multiply(load_row(row), multiply(load_row(low + r * kRow + lane), shared)), row);
    }
  }
  float* destination = to.data + int64_t(k / kLanes) * to.block_step;
  for (size_t part = 0; part < kRow; part += kLanes)
    transpose_square([&](size_t r, size_t h) { return hn::LoadU(d, rows + r * kRow + part + h); },
                     [&](size_t c, size_t h, Vector v) {
                       if (c < to.columns) hn::StoreU(v, d, destination + c * kRow + part + h);
                     });
}

/// A group's last pass, whose runs of kLanes rows are turned while they are in the cache. `in` has
/// `stride` of them for each of the pass's inputs; run s of output j begins at row
/// first_row + row_step * (s + stride * j).
void run_turning_pass(const Pass& pass, size_t stride, ConstRuns in, size_t first_row,
                      size_t row_step, const TurnedRows& to, float* memory) {
  PassShape one_run(pass);
  one_run.stride = 1;
  const auto kernel = pass_kernel(pass.radix, in.rows.format, RowFormat::block);
  for (size_t s = 0; s < stride; ++s) {
    kernel(one_run, {in.rows.data + int64_t(s) * in.step, int64_t(stride) * in.step, in.rows.step,
                     memory, kLanes * kRow, kRow, kLanes, nullptr, 1});
    for (size_t j = 0; j < pass.radix; ++j) {
      const size_t row = first_row + row_step * (s + stride * j);
      turn_rows(memory + j * kLanes * kRow, row, to);
      // Stores wait for the lines that they go to, unless these have been announced.
      prefetch_turned_rows(row + kLanes, to);
    }
  }
}

/// All passes of a group but the last, if there are others.
ConstRuns run_all_but_last(Passes passes, size_t batch, ConstRuns in, const Tiles& tiles) {
  if (passes.size() == 1) return in;
  Passes others = passes.first(passes.size() - 1);
  float* result = others.size() % 2 == 1 ? tiles.one : tiles.other;
  const int64_t step = int64_t(batch * kRow);
  run_group(others, batch, in, {block_rows(result), step}, nullptr, 1, tiles);
  return {const_block_rows(result), step};
}

void run_columns_and_turn(const ColumnPlan& plan, ConstRows in, const TurnedRows& to,
                          float* memory) {
  const Tiles tiles(plan, memory);
  float* spare = tiles.behind;
  const size_t length = plan.first_length;
  if (!plan.second.empty() && length % kLanes == 0) {
    run_first_group(plan, in, memory, tiles);
    const Pass& last = plan.second.back();
    for (size_t q = 0; q < length; q += kLanes) {
      ConstRuns runs{const_block_rows(memory + q * kRow), run_between(plan)};
      runs = run_all_but_last(plan.second, kLanes, runs, tiles);
      run_turning_pass(last, last.stride, runs, q, length, to, spare);
    }
    return;
  }
  const Pass& last = plan.first.back();
  if (plan.second.empty() && last.stride % kLanes == 0) {
    ConstRows rows = run_all_but_last(plan.first, 1, {in, in.step}, tiles).rows;
    run_turning_pass(last, last.stride / kLanes, {rows, kLanes * kRow}, 0, kLanes, to, spare);
    return;
  }
  run_columns(plan, in, block_rows(spare), 1, memory);
  const size_t padded = (plan.length + kLanes - 1) / kLanes * kLanes;
  std::memset(spare + plan.length * kRow, 0, (padded - plan.length) * kRow * sizeof(float));
  for (size_t k = 0; k < padded; k += kLanes) turn_rows(spare + k * kRow, k, to);
}

void turn_columns(const ColumnPlan& plan, ConstRows in, Twiddles twiddles, int64_t block_step,
                  size_t columns, float* destination, float* memory) {
  run_columns_and_turn(plan, in, {twiddles, plan.length, columns, block_step, destination}, memory);
}

}  // namespace HWY_NAMESPACE
}  // namespace mlx::core::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlx::core::cpu {

HWY_EXPORT(run_columns);
HWY_EXPORT(turn_columns);

size_t column_memory_rows(const ColumnPlan& plan) {
  return plan.rows_between_groups() + 2 * plan.rows_of_tile() +
         std::max(plan.length + kLanes, kLanes * kMaxRadix);
}

void transform_columns(const ColumnPlan& plan, ConstRows in, Rows out, float scale, float* memory) {
  HWY_DYNAMIC_DISPATCH(run_columns)(plan, in, out, scale, memory);
}

void transform_and_turn(const ColumnPlan& plan, ConstRows in, Twiddles twiddles, int64_t block_step,
                        size_t columns, float* destination, float* memory) {
  HWY_DYNAMIC_DISPATCH(turn_columns)(plan, in, twiddles, block_step, columns, destination, memory);
}

}  // namespace mlx::core::cpu
#endif
