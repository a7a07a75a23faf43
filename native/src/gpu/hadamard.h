#pragma once

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// out = scale * (H_m (x) H_2^k) x for contiguous rows of m * 2^k numbers of a floating dtype, or
/// with the matrix transposed. Computed in float32; in and out may be the same memory.
void hadamard(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t size,
              float scale, bool transpose, Place out);

}  // namespace mlx::core::gpu
