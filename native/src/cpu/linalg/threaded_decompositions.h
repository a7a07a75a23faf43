#pragma once

#include "cpu/linalg/lapack.h"

namespace mlx::core::cpu {

/// What lapack::heevd computes, shared over the threads. Small matrices are heevd's.
template <typename T>
int threaded_eigh(bool with_vectors, char triangle, int n, T* a, Real<T>* w);

/// What lapack::gesdd computes, shared over the threads; for m > 0 and n > 0. Small matrices are
/// gesdd's.
template <typename T>
int threaded_svd(char job, int m, int n, T* a, Real<T>* s, T* u, T* vt);

}  // namespace mlx::core::cpu
