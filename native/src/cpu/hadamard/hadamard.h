#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// out = scale * (H_m (x) H_2^k) x for contiguous rows of m * 2^k numbers of a floating dtype, or
/// with the matrix transposed. in and out may be the same memory.
void hadamard(Dtype dtype, const void* in, int64_t rows, int64_t size, double scale, bool transpose,
              void* out);

}  // namespace mlx::core::cpu
