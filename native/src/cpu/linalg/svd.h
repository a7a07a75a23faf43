#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

// Of row-contiguous (m, n) matrices a, which are destroyed; k = min(m, n). Throws EngineError for
// NaN, infinity and what doesn't converge.

/// Singular values s (k), descending; unless null, u (m, m) and vt (n, n), row-contiguous.
void svd(Dtype dtype, int64_t count, int m, int n, void* a, void* s, void* u, void* vt);

/// The Moore-Penrose inverse, row-contiguous (n, m). Singular values up to max(m, n) * epsilon
/// times the largest count as zero.
void pseudo_inverse(Dtype dtype, int64_t count, int m, int n, void* a, void* inverse);

}  // namespace mlx::core::cpu
