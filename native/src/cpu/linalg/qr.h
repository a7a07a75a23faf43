#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// q (m, k) with orthonormal columns and upper triangular r (k, n), k = min(m, n), of
/// row-contiguous (m, n) matrices a, which are destroyed. q and r are row-contiguous. A matrix with
/// NaN or infinity gives NaN.
void qr(Dtype dtype, int64_t count, int m, int n, void* a, void* q, void* r);

}  // namespace mlx::core::cpu
