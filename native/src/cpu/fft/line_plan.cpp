#include "cpu/fft/line_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "cpu/fft/line_transform.h"
#include "cpu/fft/plan_cache.h"
#include "cpu/fft/roots_of_unity.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr size_t kMaxBlockLength = 8192;
// Nanoseconds a row for loading and storing blocks; turning them and a convolution's products take
// about as long.
constexpr double kMoveCost = 4;

// Roots of unity that a task computes.
constexpr size_t kRootsOfTask = 16384;

void write(Table& numbers, size_t k, std::complex<double> x) {
  numbers.data()[2 * k] = float(x.real());
  numbers.data()[2 * k + 1] = float(x.imag());
}

size_t blocks_of(size_t lines) { return (lines + kLanes - 1) / kLanes; }

double cost_of_block(size_t length) { return column_cost(length) + kMoveCost * double(length); }

struct Way {
  double cost = kNever;
  size_t rows = 0;
};

/// The cheapest matrix for a line.
Way best_matrix(size_t length) {
  Way best;
  for (size_t rows = 2; rows * rows <= length; ++rows) {
    if (length % rows != 0) continue;
    for (size_t r : {rows, length / rows}) {
      size_t columns = length / r;
      double cost = double(blocks_of(columns)) * cost_of_block(r) +
                    double(blocks_of(r)) * cost_of_block(columns) + kMoveCost * double(length) / 8;
      if (cost < best.cost) best = {cost, r};
    }
  }
  return best;
}

double cost_without_chirp(size_t length) {
  return std::min(cost_of_block(length), best_matrix(length).cost);
}

/// The cheapest length of at least `least` for a convolution, among those with small factors.
Way best_inner_length(size_t least) {
  Way best;
  for (size_t odd : {1, 3, 5, 7, 9, 15, 21, 25, 27, 35, 45}) {
    size_t length = odd;
    while (length < least) length *= 2;
    double cost = cost_without_chirp(length);
    if (cost < best.cost) best = {cost, length};
  }
  best.cost = 2 * best.cost + kMoveCost * double(best.rows) / 2;
  return best;
}

}  // namespace

MatrixPlan::MatrixPlan(size_t row_count, size_t column_count)
    : columns(row_count),
      rows(column_count),
      twiddles(blocks_of(column_count) * twiddle_rows(row_count) * kRow) {
  uint64_t length = uint64_t(row_count) * column_count;
  float* row = twiddles.data();
  for (uint64_t c = 0; c < column_count; c += kLanes)
    for (uint64_t i = 0; i < twiddle_rows(); ++i, row += kRow)
      for (uint64_t lane = 0; lane < kLanes; ++lane) {
        uint64_t k = i < kLowRows ? i : (i - kLowRows) * kLowRows;
        auto root = root_of_unity(k * (c + lane), length);
        row[lane] = float(root.real());
        row[kLanes + lane] = float(root.imag());
      }
}

ChirpPlan::ChirpPlan(size_t length, std::shared_ptr<const LinePlan> inner_plan)
    : inner(std::move(inner_plan)), chirp(2 * length), filter(2 * inner->length) {
  std::fill_n(filter.data(), filter.size(), 0.0f);
  parallel_for(length, kRootsOfTask, [&](size_t begin, size_t end) {
    for (uint64_t k = begin; k < end; ++k) {
      // A length fits 31 bits, and its square 62.
      auto root = root_of_unity(k * k % (2 * length), 2 * length);
      write(chirp, k, root);
      write(filter, k, std::conj(root));
      if (k > 0) write(filter, inner->length - k, std::conj(root));
    }
  });
  transform_line(*inner, {filter.data(), 2, 1}, {filter.data(), 2, 1}, false, 1);
}

LinePlan::LinePlan(size_t length) : length(length) {
  block_cost = length <= kMaxBlockLength ? cost_of_block(length) : kNever;
  Way matrix_way = best_matrix(length);
  line_cost = std::min(block_cost, matrix_way.cost);
  Way chirp_way;
  // Lengths of small primes never gain.
  if (line_cost > 3 * double(length)) chirp_way = best_inner_length(2 * length - 1);
  if (chirp_way.cost < line_cost) {
    line_cost = chirp_way.cost;
    chirp.emplace(length, line_plan(chirp_way.rows));
  } else if (matrix_way.cost < block_cost) {
    matrix.emplace(matrix_way.rows, length / matrix_way.rows);
  }
  if (block_cost < kNever) columns.emplace(length);
}

size_t LinePlan::table_size() const {
  size_t size = columns ? 2 * length : 0;
  if (matrix) size += matrix->twiddles.size();
  if (chirp) size += chirp->chirp.size() + chirp->filter.size();
  return size;
}

SpectrumPlan::SpectrumPlan(size_t m) : roots(2 * (m / 2 + 1)) {
  parallel_for(m / 2 + 1, kRootsOfTask, [&](size_t begin, size_t end) {
    for (size_t k = begin; k < end; ++k) write(roots, k, root_of_unity(k, 2 * uint64_t(m)));
  });
}

}  // namespace mlx::core::cpu
