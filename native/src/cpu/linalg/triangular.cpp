#include "cpu/linalg/triangular.h"

#include "cpu/linalg/batch.h"

namespace mlx::core::cpu {
namespace {

template <typename T>
bool has_zero_on_diagonal(int64_t n, const T* a) {
  for (int64_t i = 0; i < n; ++i)
    if (a[i * n + i] == T(0)) return true;
  return false;
}

}  // namespace

void invert_triangle(Dtype dtype, int64_t count, int n, bool upper, void* a) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n;
    for_each_matrix(count, double(elements) * n / 6, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      if (has_zero_on_diagonal(n, matrix)) throw_singular("tri_inv", i, count);
      keep_triangle(upper, n, matrix);
      lapack::trtri(upper ? 'L' : 'U', n, matrix);
    });
  });
}

void solve_triangle(Dtype dtype, int64_t count, int n, int columns, bool upper, const void* a,
                    void* b) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n;
    for_each_matrix(count, double(elements) * columns / 2, [&](int64_t i) {
      const T* matrix = static_cast<const T*>(a) + i * elements;
      if (has_zero_on_diagonal(n, matrix)) throw_singular("solve_triangular", i, count);
      // Everything is transposed to LAPACK: X = inverse(A) @ B is Xt = Bt @ inverse(At).
      lapack::solve_triangle_right(upper ? 'L' : 'U', columns, n, matrix,
                                   static_cast<T*>(b) + i * int64_t(n) * columns);
    });
  });
}

}  // namespace mlx::core::cpu
