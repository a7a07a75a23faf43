#pragma once

#include "cpu/linalg/lapack.h"

namespace mlx::core::cpu {

/// What lapack::heevd computes, shared over the threads. Small matrices are heevd's.
template <typename T>
int threaded_eigh(bool with_vectors, char triangle, int n, T* a, Real<T>* w);

}  // namespace mlx::core::cpu
