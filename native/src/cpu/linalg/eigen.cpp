#include "cpu/linalg/eigen.h"

#include "cpu/linalg/batch.h"
#include "cpu/linalg/threaded_decompositions.h"
#include "cpu/matmul/scratch.h"

namespace mlx::core::cpu {

void eigh(Dtype dtype, int64_t count, int n, bool upper, bool with_vectors, void* a, void* values) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n;
    for_each_matrix(count, 5.0 * double(elements) * n, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      // The triangle that isn't read may hold anything. To the loop, columns are rows.
      keep_triangle(!upper, n, matrix);
      require_finite("eigh", matrix, elements, i, count);
      const int info = threaded_eigh(with_vectors, upper ? 'U' : 'L', n, matrix,
                                     static_cast<Real<T>*>(values) + i * n);
      require_convergence("eigh", info, i, count);
    });
  });
}

void eig(Dtype dtype, int64_t count, int n, void* a, complex64_t* values, complex64_t* vectors) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    using Complex = std::complex<Real<T>>;
    const int64_t elements = int64_t(n) * n;
    auto narrow = [](Complex z) { return complex64_t(float(z.real()), float(z.imag())); };
    for_each_matrix(count, 25.0 * double(elements) * n, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      require_finite("eig", matrix, elements, i, count);
      Scratch<Complex> w(n + 1), v(vectors ? elements : 1);
      const int info = lapack::geev(n, matrix, w.data(), vectors ? v.data() : nullptr);
      require_convergence("eig", info, i, count);
      std::transform(w.data(), w.data() + n, values + i * n, narrow);
      if (vectors) std::transform(v.data(), v.data() + elements, vectors + i * elements, narrow);
    });
  });
}

}  // namespace mlx::core::cpu
