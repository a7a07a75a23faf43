#pragma once

#include <algorithm>
#include <complex>
#include <cstdint>

#include "cpu/linalg/lapack.h"
#include "cpu/matmul/vector_kernels.h"

namespace mlx::core::cpu {

/// A matrix of contiguous columns, stride elements apart.
template <typename T>
struct Columns {
  const T* data;
  int64_t stride, rows, count;
};

/// How much the products below need to work in.
template <typename T>
constexpr int64_t product_workspace(int64_t rows, int64_t count) {
  return is_complex_v<T> ? 4 * rows + 2 * count : 0;
}

// A complex matrix is to the kernels a real one of twice the rows: with v = re + i * im,
// the parts of conj(a) * v are a's dot products with v and with -i * v, both as real vectors, and
// a * v is the sum of a times re and i times a times im.

/// out[j] = conj(column j) . x
template <typename T>
void multiply_adjoint(const Columns<T>& a, const T* x, T* out, [[maybe_unused]] Real<T>* work) {
  if (a.count == 0) return;
  if constexpr (is_complex_v<T>) {
    const int64_t length = 2 * a.rows;
    auto* turned = reinterpret_cast<T*>(work);
    std::copy_n(x, a.rows, turned);
    for (int64_t i = 0; i < a.rows; ++i) turned[a.rows + i] = {x[i].imag(), -x[i].real()};
    Real<T>* parts = work + 2 * length;
    const auto* data = reinterpret_cast<const Real<T>*>(a.data);
    dot_rows<Real<T>>({data, 2 * a.stride, a.count, length, 2, work, length, parts, a.count});
    for (int64_t j = 0; j < a.count; ++j) out[j] = {parts[j], parts[a.count + j]};
  } else {
    dot_rows<T>({a.data, a.stride, a.count, a.rows, 1, x, a.rows, out, a.count});
  }
}

/// out = a @ x
template <typename T>
void multiply(const Columns<T>& a, const T* x, T* out, [[maybe_unused]] Real<T>* work) {
  if constexpr (is_complex_v<T>) {
    const int64_t length = 2 * a.rows;
    Real<T>* parts = work + 2 * length;
    for (int64_t j = 0; j < a.count; ++j) {
      parts[j] = x[j].real();
      parts[a.count + j] = x[j].imag();
    }
    const auto* data = reinterpret_cast<const Real<T>*>(a.data);
    add_rows<Real<T>>({data, 2 * a.stride, a.count, length, 2, parts, a.count, work, length});
    const auto* products = reinterpret_cast<const T*>(work);
    for (int64_t i = 0; i < a.rows; ++i) {
      const T imaginary = products[a.rows + i];
      out[i] = products[i] + T(-imaginary.imag(), imaginary.real());
    }
  } else {
    add_rows<T>({a.data, a.stride, a.count, a.rows, 1, x, a.count, out, a.rows});
  }
}

}  // namespace mlx::core::cpu
