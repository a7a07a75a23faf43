#include "cpu/linalg/cofactors.h"

#include <vector>

#include "cpu/linalg/batch.h"
#include "cpu/linalg/lu.h"
#include "cpu/matmul/blas.h"
#include "cpu/matmul/scratch.h"

namespace mlx::core::cpu {
namespace {

/// At each place the product of all other values.
template <typename R>
std::vector<double> products_of_others(int64_t n, const R* values) {
  std::vector<double> products(static_cast<size_t>(n), 1.0);
  double before = 1, behind = 1;
  for (int64_t i = 0; i < n; ++i) {
    products[size_t(i)] *= before;
    before *= double(values[i]);
  }
  for (int64_t i = n; i-- > 0;) {
    products[size_t(i)] *= behind;
    behind *= double(values[i]);
  }
  return products;
}

template <typename T>
T determinant_of_copy(Dtype dtype, int n, const T* a, T* scratch) {
  T value;
  std::copy_n(a, int64_t(n) * n, scratch);
  determinant(dtype, 1, n, scratch, &value, nullptr);
  return value;
}

/// The cofactors of U @ S @ Vt are those of the three multiplied: a unitary matrix's are its
/// conjugate times its determinant, S's are products of the other singular values.
template <typename T>
void compute(Dtype dtype, int n, T* a, T* u, T* s_of_others, T* vt, T* out) {
  const int64_t elements = int64_t(n) * n;
  const T phase = T(determinant_of_copy(dtype, n, u, a) * determinant_of_copy(dtype, n, vt, a));
  for (int64_t i = 0; i < elements; ++i) {
    if constexpr (is_complex_v<T>) {
      u[i] = std::conj(u[i]);
      vt[i] = std::conj(vt[i]);
    }
    u[i] = T(u[i] * phase * s_of_others[i % n]);
  }
  blas_gemm<T>(n, n, n, {u, n, 1}, {vt, n, 1}, out, n, false);
}

}  // namespace

void cofactors(Dtype dtype, int64_t count, int n, void* a, void* out) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n;
    for_each_matrix(count, 25.0 * double(elements) * n, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      T* result = static_cast<T*>(out) + i * elements;
      if (!is_finite(matrix, elements)) return fill_nan(result, elements);
      Scratch<T> u(elements), vt(elements), s_of_others(n);
      Scratch<Real<T>> s(n);
      // Row-contiguous matrices are transposed to LAPACK, so the factors change places.
      const int info = lapack::gesdd('A', n, n, matrix, s.data(), vt.data(), u.data());
      require_convergence("det", info, i, count);
      const auto products = products_of_others(n, s.data());
      std::transform(products.begin(), products.end(), s_of_others.data(),
                     [](double product) { return T(Real<T>(product)); });
      compute(dtype, n, matrix, u.data(), s_of_others.data(), vt.data(), result);
    });
  });
}

}  // namespace mlx::core::cpu
