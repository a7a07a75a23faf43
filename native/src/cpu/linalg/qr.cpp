#include "cpu/linalg/qr.h"

#include "cpu/linalg/batch.h"
#include "cpu/matmul/scratch.h"

namespace mlx::core::cpu {
namespace {

// A row-contiguous A is its transpose to LAPACK, whose At = L @ Qt is A = Q @ R with R = Lt. So
// columns of LAPACK's matrices are rows here.
template <typename T>
void decompose(int m, int n, T* a, T* q, T* r) {
  const int k = std::min(m, n);
  Scratch<T> tau(k + 1);
  lapack::gelqf(n, m, a, tau.data());
  for (int64_t i = 0; i < k; ++i) {
    std::fill_n(r + i * n, i, T(0));
    std::copy_n(a + i * n + i, n - i, r + i * n + i);
  }
  for (int64_t i = 0; i < m; ++i) std::copy_n(a + i * n, k, q + i * k);
  lapack::orglq(k, m, q, tau.data());
}

}  // namespace

void qr(Dtype dtype, int64_t count, int m, int n, void* a, void* q, void* r) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t k = std::min(m, n), elements = int64_t(m) * n;
    for_each_matrix(count, 2.0 * double(elements) * double(k), [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      T* columns = static_cast<T*>(q) + i * m * k;
      T* triangle = static_cast<T*>(r) + i * k * n;
      if (is_finite(matrix, elements)) return decompose(m, n, matrix, columns, triangle);
      fill_nan(columns, m * k);
      fill_nan(triangle, k * n);
      for (int64_t j = 0; j < k; ++j) std::fill_n(triangle + j * n, j, T(0));
    });
  });
}

}  // namespace mlx::core::cpu
