#pragma once

#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

// Of column-contiguous (n, n) matrices a. Throws EngineError for NaN, infinity and what doesn't
// converge.

/// Eigenvalues of Hermitian matrices, ascending and real; only one triangle is read. The
/// eigenvectors take the place of a, as columns, if they are wanted; a is destroyed otherwise.
void eigh(Dtype dtype, int64_t count, int n, bool upper, bool with_vectors, void* a, void* values);

/// Eigenvalues and, unless null, eigenvectors of norm 1 as columns, both in complex64. a is
/// destroyed.
void eig(Dtype dtype, int64_t count, int n, void* a, complex64_t* values, complex64_t* vectors);

}  // namespace mlx::core::cpu
