#include "cpu/linalg/lu.h"

#include <numeric>

#include "cpu/linalg/batch.h"
#include "cpu/matmul/scratch.h"

namespace mlx::core::cpu {
namespace {

/// Products of many pivots leave the range of float32 before the determinant does.
template <typename T>
using Product = std::conditional_t<is_complex_v<T>, std::complex<double>, double>;

/// The determinant as a sign times e^logarithm, or as it is when there is no place for a logarithm.
template <typename T>
void collect_pivots(int n, const T* lu, const int* pivots, T& value, Real<T>* logarithm) {
  Product<T> product(1);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    Product<T> pivot(lu[i * n + i]);
    if (logarithm) {
      const double size = std::abs(pivot);
      sum += std::log(size);
      pivot /= size;
    }
    product *= pivots[i] == i + 1 ? pivot : -pivot;
  }
  if constexpr (is_complex_v<T>)
    value = T(std::complex<float>(product));
  else
    value = T(product);
  if (logarithm) *logarithm = Real<T>(sum);
}

}  // namespace

void lu_factor(Dtype dtype, int64_t count, int m, int n, void* a, uint32_t* pivots,
               uint32_t* rows) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(m) * n;
    const int k = std::min(m, n);
    for_each_matrix(count, double(elements) * k / 3, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      Scratch<int> exchanges(k + 1), order(m + 1);
      std::iota(exchanges.data(), exchanges.data() + k, 1);
      std::iota(order.data(), order.data() + m, 0);
      if (is_finite(matrix, elements))
        lapack::getrf(m, n, matrix, exchanges.data());
      else
        fill_nan(matrix, elements);
      for (int64_t j = 0; j < k; ++j) {
        const int other = exchanges.data()[j] - 1;
        pivots[i * k + j] = uint32_t(other);
        std::swap(order.data()[j], order.data()[other]);
      }
      for (int j = 0; j < m; ++j) rows[i * m + order.data()[j]] = uint32_t(j);
    });
  });
}

void invert(Dtype dtype, int64_t count, int n, void* a) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n;
    for_each_matrix(count, double(elements) * n, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      if (!is_finite(matrix, elements)) return fill_nan(matrix, elements);
      Scratch<int> pivots(n + 1);
      // LAPACK inverts the transposed matrix, and leaves its transposed inverse.
      if (lapack::getrf(n, n, matrix, pivots.data()) != 0) throw_singular("inv", i, count);
      lapack::getri(n, matrix, pivots.data());
    });
  });
}

void solve(Dtype dtype, int64_t count, int n, int columns, void* a, void* b) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n, right_elements = int64_t(n) * columns;
    for_each_matrix(count, double(elements) * (n / 3.0 + columns), [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      T* right = static_cast<T*>(b) + i * right_elements;
      if (!is_finite(matrix, elements)) return fill_nan(right, right_elements);
      Scratch<int> pivots(n + 1);
      if (lapack::getrf(n, n, matrix, pivots.data()) != 0) throw_singular("solve", i, count);
      lapack::getrs(n, columns, matrix, pivots.data(), right);
    });
  });
}

void determinant(Dtype dtype, int64_t count, int n, void* a, void* values, void* logarithms) {
  dispatch_lapack(dtype, [&](auto* tag) {
    using T = std::remove_pointer_t<decltype(tag)>;
    const int64_t elements = int64_t(n) * n;
    for_each_matrix(count, double(elements) * n / 3, [&](int64_t i) {
      T* matrix = static_cast<T*>(a) + i * elements;
      T& value = static_cast<T*>(values)[i];
      Real<T>* logarithm = logarithms ? static_cast<Real<T>*>(logarithms) + i : nullptr;
      if (!is_finite(matrix, elements)) {
        fill_nan(&value, 1);
        if (logarithm) fill_nan(logarithm, 1);
        return;
      }
      Scratch<int> pivots(n + 1);
      if (lapack::getrf(n, n, matrix, pivots.data()) != 0) {
        value = T(0);
        if (logarithm) *logarithm = -std::numeric_limits<Real<T>>::infinity();
        return;
      }
      collect_pivots(n, matrix, pivots.data(), value, logarithm);
    });
  });
}

}  // namespace mlx::core::cpu
