#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "cpu/fft/column_plan.h"
#include "cpu/fft/table.h"

namespace mlx::core::cpu {

/// A line as a matrix of rows x columns, whose columns and then rows are transformed, with a turn
/// between (Bailey 1990, "FFTs in external or hierarchical memory").
struct MatrixPlan {
  ColumnPlan columns;
  ColumnPlan rows;
  /// Row k, column c is turned by exp(-2 pi i k c / length), a product of two roots of unity, for
  /// k % kLowRows and for the rest of k. For each block of columns there are those of all low rows
  /// and then those of all others, in rows like a block's.
  Table twiddles;
  static constexpr size_t kLowRows = 32;

  size_t twiddle_rows() const { return twiddle_rows(columns.length); }
  static size_t twiddle_rows(size_t rows) { return kLowRows + (rows + kLowRows - 1) / kLowRows; }

  MatrixPlan(size_t rows, size_t columns);
};

struct LinePlan;

/// A transform of any length as a convolution with a chirp, done by transforms of a length with
/// small factors (Bluestein 1970).
struct ChirpPlan {
  std::shared_ptr<const LinePlan> inner;
  /// exp(-pi i k^2 / length).
  Table chirp;
  /// The transform of the chirp's conjugate, over the inner length.
  Table filter;

  explicit ChirpPlan(size_t length, std::shared_ptr<const LinePlan> inner);
};

/// How lines of one length are transformed: as columns of a block, several at once or one alone,
/// as a matrix, or as a convolution. At least one of the ways is there.
struct LinePlan {
  size_t length;
  std::optional<ColumnPlan> columns;
  std::optional<MatrixPlan> matrix;
  std::optional<ChirpPlan> chirp;
  /// About how many nanoseconds a line takes by itself.
  double line_cost;
  /// The same for up to kLanes of them as a block; infinite without `columns`.
  double block_cost;

  explicit LinePlan(size_t length);

  /// Floats in the tables that grow with the length.
  size_t table_size() const;
};

/// The roots that split_block and its kin take for m: exp(-2 pi i k / 2m) for k <= m / 2.
struct SpectrumPlan {
  Table roots;

  explicit SpectrumPlan(size_t m);

  size_t table_size() const { return roots.size(); }
};

}  // namespace mlx::core::cpu
