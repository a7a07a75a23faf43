#pragma once

#include <iterator>

#include "mlx/dtype.h"

namespace mlx::core {

/// All dtypes in the order of their codes.
inline constexpr Dtype all_dtypes[] = {bool_,   uint8,   uint16,   uint32,   uint64,
                                       int8,    int16,   int32,    int64,    float16,
                                       float32, float64, bfloat16, complex64};
inline constexpr int dtype_count = int(std::size(all_dtypes));

constexpr Dtype dtype_of(Dtype::Val val) { return all_dtypes[int(val)]; }

}  // namespace mlx::core
