#pragma once

#include <cstdint>
#include <span>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// Memory that a kernel reads. Strides count elements and may be zero or negative; data points at
/// the element whose indices are all zero.
struct StridedInput {
  const void* data;
  Dtype dtype;
  std::span<const int32_t> shape;
  std::span<const int64_t> strides;
};

/// Memory that a kernel writes; no two elements share a place.
struct StridedOutput {
  void* data;
  Dtype dtype;
  std::span<const int32_t> shape;
  std::span<const int64_t> strides;
};

}  // namespace mlx::core::cpu
