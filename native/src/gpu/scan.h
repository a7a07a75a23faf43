#pragma once

#include "gpu/commands.h"

namespace mlx::core::gpu {

enum class ScanOp : uint8_t { sum, prod, max, min, log_add_exp };

/// A dense array (outer, length, inner) that is scanned along its middle axis.
struct ScanShape {
  int64_t outer, length, inner;
  /// From the end to the beginning.
  bool reverse;
  /// Whether an element counts in its own result; otherwise the first one's is the identity.
  bool inclusive;
};

/// Running reductions. Half types are accumulated in float32, and sums of floats in two float32.
/// Input and output may be the same memory. Dtypes as in cpu/scan.
void scan(Commands& commands, ScanOp op, Dtype::Val dtype, const ScanShape& shape, Place in,
          Place out);

/// y = factor * (y before) + term along the middle axis, from 0; `inclusive` means nothing. The
/// terms and the result may be the same memory.
void linear_recurrence(Commands& commands, Dtype::Val dtype, const ScanShape& shape, Place factors,
                       Place terms, Place out);

/// Running sums of float32 rows, each kept in two float32.
void wide_running_sums(Commands& commands, int64_t rows, int64_t columns, Place in, Place out);

}  // namespace mlx::core::gpu
