#include "cpu/linalg/cholesky.h"

#include "cpu/linalg/batch.h"

namespace mlx::core::cpu {

void cholesky(Dtype dtype, int64_t count, int n, bool upper, void* a) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n;
    for_each_matrix(count, double(elements) * n / 6, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      // The other triangle may hold anything.
      keep_triangle(upper, n, matrix);
      require_finite("cholesky", matrix, elements, i, count);
      if (lapack::potrf(upper ? 'L' : 'U', n, matrix) != 0)
        throw EngineError(
            concat_text("[cholesky] ", matrix_name(i, count), " is not positive definite."));
    });
  });
}

}  // namespace mlx::core::cpu
