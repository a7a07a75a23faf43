#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// Replaces row-contiguous Hermitian (n, n) matrices, of which one triangle is read, by their
/// Cholesky factors in that triangle. Throws EngineError when one isn't positive definite.
void cholesky(Dtype dtype, int64_t count, int n, bool upper, void* a);

}  // namespace mlx::core::cpu
