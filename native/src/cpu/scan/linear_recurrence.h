#pragma once

#include "cpu/scan/scan.h"

namespace mlx::core::cpu {

/// y = factor * (y before) + term along the middle axis, from 0; `inclusive` means nothing. For
/// floating and complex numbers, which are accumulated in float32 at least. The terms
/// and the result may be the same memory.
void linear_recurrence(Dtype dtype, const ScanShape& shape, const void* factors, const void* terms,
                       void* out);

}  // namespace mlx::core::cpu
