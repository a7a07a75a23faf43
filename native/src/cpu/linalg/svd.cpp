#include "cpu/linalg/svd.h"

#include "cpu/linalg/batch.h"
#include "cpu/linalg/threaded_decompositions.h"
#include "cpu/matmul/blas.h"
#include "cpu/matmul/scratch.h"

namespace mlx::core::cpu {
namespace {

// A row-contiguous A is its transpose to LAPACK, whose decomposition At = V @ S @ Ut has the
// factors of A in the other order; row-contiguous again, LAPACK's V is Vt here and its Ut is U.

template <typename T>
void write_identity(int64_t n, T* a) {
  std::fill_n(a, n * n, T(0));
  for (int64_t i = 0; i < n; ++i) a[i * n + i] = T(1);
}

/// Twenty multiplications an element and step: what both sets of vectors take, about.
double svd_work(int m, int n) { return 20.0 * m * n * std::min(m, n); }

/// inverse = conj(vt)t @ diag(1 / s) @ conj(u)t, overwriting u and vt.
template <typename T>
void multiply_inverses(int64_t m, int64_t n, const Real<T>* s, T* u, T* vt, T* inverse) {
  const int64_t k = std::min(m, n);
  const Real<T> cutoff = s[0] * Real<T>(std::max(m, n)) * std::numeric_limits<Real<T>>::epsilon();
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < k; ++j)
      u[i * k + j] = s[j] > cutoff ? T(conjugated(u[i * k + j]) / s[j]) : T(0);
  if constexpr (is_complex_v<T>)
    for (int64_t i = 0; i < k * n; ++i) vt[i] = std::conj(vt[i]);
  blas_gemm<T>(n, m, k, {vt, 1, n}, {u, 1, k}, inverse, m, false);
}

}  // namespace

void svd(Dtype dtype, int64_t count, int m, int n, void* a, void* s, void* u, void* vt) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t k = std::min(m, n), elements = int64_t(m) * n;
    for_each_matrix(count, svd_work(m, n), [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      T* left = u ? static_cast<T*>(u) + i * m * m : nullptr;
      T* right = vt ? static_cast<T*>(vt) + i * n * n : nullptr;
      if (elements == 0) {
        if (u) write_identity(m, left);
        if (vt) write_identity(n, right);
        return;
      }
      require_finite("svd", matrix, elements, i, count);
      const int info =
          threaded_svd(u ? 'A' : 'N', n, m, matrix, static_cast<Real<T>*>(s) + i * k, right, left);
      require_convergence("svd", info, i, count);
    });
  });
}

void pseudo_inverse(Dtype dtype, int64_t count, int m, int n, void* a, void* inverse) {
  if (m == 0 || n == 0) return;
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t k = std::min(m, n), elements = int64_t(m) * n;
    for_each_matrix(count, svd_work(m, n), [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      require_finite("pinv", matrix, elements, i, count);
      Scratch<Real<T>> values(k);
      Scratch<T> left(m * k), right(k * n);
      const int info = threaded_svd('S', n, m, matrix, values.data(), right.data(), left.data());
      require_convergence("pinv", info, i, count);
      multiply_inverses(m, n, values.data(), left.data(), right.data(),
                        static_cast<T*>(inverse) + i * elements);
    });
  });
}

}  // namespace mlx::core::cpu
