#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

enum class ScanOperation : uint8_t { Sum, Prod, Max, Min, LogAddExp };

/// A dense array (outer, length, inner) that is scanned along its middle axis.
struct ScanShape {
  int64_t outer, length, inner;
  /// From the end to the beginning.
  bool reverse;
  /// Whether an element counts in its own result; otherwise the first one's is the identity.
  bool inclusive;
};

/// Half types are accumulated in float32. Input and output may be the same memory. Max and Min
/// are for real numbers, LogAddExp for floating and complex ones.
void scan(ScanOperation operation, Dtype dtype, const ScanShape& shape, const void* in, void* out);

}  // namespace mlx::core::cpu
