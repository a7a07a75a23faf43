#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// The cofactors of row-contiguous (n, n) matrices a, which are destroyed, also of singular ones. A
/// matrix with NaN or infinity gives NaN. Throws EngineError for what doesn't converge.
void cofactors(Dtype dtype, int64_t count, int n, void* a, void* out);

}  // namespace mlx::core::cpu
