#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

// Triangles of row-contiguous (n, n) matrices; the other one is not read. NaN and infinity go
// through. A zero on the diagonal throws EngineError.

/// Replaces triangles by their inverses, and the other ones by zeros.
void invert_triangle(Dtype dtype, int64_t count, int n, bool upper, void* a);

/// b = inverse(a) @ b for row-contiguous b, (n, columns).
void solve_triangle(Dtype dtype, int64_t count, int n, int columns, bool upper, const void* a,
                    void* b);

}  // namespace mlx::core::cpu
