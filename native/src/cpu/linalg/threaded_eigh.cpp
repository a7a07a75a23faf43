#include "cpu/linalg/threaded_decompositions.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cpu/linalg/block_reflectors.h"
#include "cpu/linalg/scaling.h"
#include "cpu/linalg/tridiagonal.h"
#include "cpu/matmul/scratch.h"
#include "runtime/thread_pool.h"

namespace mlx::core::cpu {
namespace {

/// How many columns a thread takes at once.
constexpr int64_t kTile = 64;

/// Fills the triangle that isn't given.
template <typename T>
void mirror_triangle(bool upper, int64_t n, T* a) {
  constexpr int64_t kSide = 16;
  parallel_for(size_t(n), kTile, [&](size_t begin, size_t end) {
    for (auto c = int64_t(begin); c < int64_t(end); c += kSide)
      for (int64_t r = c; r < n; r += kSide)
        for (int64_t j = c; j < std::min(c + kSide, int64_t(end)); ++j)
          for (int64_t i = std::max(r, j + 1); i < std::min(r + kSide, n); ++i) {
            const T value = upper ? a[i * n + j] : a[j * n + i];
            (upper ? a[j * n + i] : a[i * n + j]) = conjugated(value);
          }
  });
}

/// q @ z into the columns of out, q's first row and column being those of the identity.
template <typename T>
void turn_vectors(int64_t n, const BlockReflectors<T>& q, const Real<T>* z, T* out) {
  parallel_for(size_t(n), kTile, [&](size_t begin, size_t end) {
    std::copy(z + begin * size_t(n), z + end * size_t(n), out + begin * size_t(n));
    q.apply(int64_t(end - begin), out + begin * size_t(n) + 1, n);
  });
}

}  // namespace

template <typename T>
int threaded_eigh(bool with_vectors, char triangle, int n, T* a, Real<T>* w) {
  constexpr int kSmall = 96;
  if (n < kSmall) return lapack::heevd(with_vectors, triangle, n, a, w);
  const int64_t elements = int64_t(n) * n;
  const Real<T> scale = safe_scale(largest_part(elements, a));
  if (scale != 1) multiply_by(scale, elements, a);
  mirror_triangle(triangle == 'U', n, a);
  Scratch<Real<T>> beside(n);
  Scratch<T> tau(n);
  reduce_to_tridiagonal(n, a, w, beside.data(), tau.data());
  int info;
  if (with_vectors) {
    Scratch<Real<T>> z(elements);
    info = tridiagonal_eigen(n, w, beside.data(), z.data());
    if (info == 0) {
      const BlockReflectors<T> q(n - 1, n - 1, a + 1, n, tau.data());
      turn_vectors(n, q, z.data(), a);
    }
  } else {
    info = lapack::sterf(n, w, beside.data());
  }
  if (scale != 1)
    for (int i = 0; i < n; ++i) w[i] /= scale;
  return info;
}

template int threaded_eigh(bool, char, int, float*, float*);
template int threaded_eigh(bool, char, int, double*, double*);
template int threaded_eigh(bool, char, int, complex64_t*, float*);

}  // namespace mlx::core::cpu
