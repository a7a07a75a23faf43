#pragma once

#include <algorithm>
#include <complex>
#include <cstdint>

#include "cpu/linalg/column_kernels.h"
#include "cpu/linalg/lapack.h"

namespace mlx::core::cpu {

/// How much the products below need to work in.
template <typename T>
constexpr int64_t product_workspace(int64_t rows, int64_t count) {
  return is_complex_v<T> ? 8 * rows + 2 * count : 0;
}

// A complex matrix is to the kernels a real one of twice the rows: with v = re + i * im,
// the parts of conj(a) * v are a's dot products with v and with -i * v, both as real vectors, and
// a * v is the sum of a times re and i times a times im.

/// v and -i * v.
inline void write_turned(int64_t rows, const complex64_t* v, float* parts) {
  auto* turned = reinterpret_cast<complex64_t*>(parts);
  std::copy_n(v, rows, turned);
  for (int64_t i = 0; i < rows; ++i) turned[rows + i] = {v[i].imag(), -v[i].real()};
}

/// out = re + i * im of two complex vectors that follow each other.
inline void join_parts(int64_t rows, const float* parts, complex64_t* out) {
  const auto* products = reinterpret_cast<const complex64_t*>(parts);
  for (int64_t i = 0; i < rows; ++i) {
    const complex64_t imaginary = products[rows + i];
    out[i] = products[i] + complex64_t(-imaginary.imag(), imaginary.real());
  }
}

/// out[j] = conj(column j) . x
template <typename T>
void multiply_adjoint(const Columns<T>& a, const T* x, T* out, [[maybe_unused]] Real<T>* work) {
  if (a.count == 0) return;
  if constexpr (is_complex_v<T>) {
    const int64_t length = 2 * a.rows;
    write_turned(a.rows, x, work);
    Real<T>* parts = work + 2 * length;
    const auto* data = reinterpret_cast<const Real<T>*>(a.data);
    dot_columns<Real<T>>({data, 2 * a.stride, length, a.count}, 2, work, parts);
    for (int64_t j = 0; j < a.count; ++j) out[j] = {parts[j], parts[a.count + j]};
  } else {
    dot_columns<T>({a.data, a.stride, a.rows, a.count}, 1, x, out);
  }
}

/// out = a @ x
template <typename T>
void multiply(const Columns<T>& a, const T* x, T* out, [[maybe_unused]] Real<T>* work) {
  if (a.count == 0) {
    std::fill_n(out, a.rows, T(0));
    return;
  }
  if constexpr (is_complex_v<T>) {
    const int64_t length = 2 * a.rows;
    Real<T>* parts = work + 2 * length;
    for (int64_t j = 0; j < a.count; ++j) {
      parts[j] = x[j].real();
      parts[a.count + j] = x[j].imag();
    }
    const auto* data = reinterpret_cast<const Real<T>*>(a.data);
    add_columns<Real<T>>({data, 2 * a.stride, length, a.count}, 2, parts, false, work);
    join_parts(a.rows, work, out);
  } else {
    add_columns<T>({a.data, a.stride, a.rows, a.count}, 1, x, false, out);
  }
}

/// out = a @ w, where weigh(j, conj(column j) . x) is element j of w: reads a once.
template <typename T, typename F>
void multiply_both(const Columns<T>& a, const T* x, const F& weigh, T* out,
                   [[maybe_unused]] Real<T>* work) {
  if constexpr (is_complex_v<T>) {
    const int64_t length = 2 * a.rows;
    Real<T>* sums = work + 2 * length;
    write_turned(a.rows, x, work);
    std::fill_n(sums, 2 * length, Real<T>(0));
    auto weigh_parts = [&](int64_t first, int64_t count, const Real<T>* dots, Real<T>* weights) {
      for (int64_t j = 0; j < count; ++j) {
        const T weight = weigh(first + j, T(dots[j], dots[kColumnGroup + j]));
        weights[j] = weight.real();
        weights[kColumnGroup + j] = weight.imag();
      }
    };
    const auto* data = reinterpret_cast<const Real<T>*>(a.data);
    dot_and_add_columns<Real<T>>({data, 2 * a.stride, length, a.count}, 2, work, weigh_parts, sums);
    join_parts(a.rows, sums, out);
  } else {
    std::fill_n(out, a.rows, T(0));
    auto weigh_all = [&](int64_t first, int64_t count, const T* dots, T* weights) {
      for (int64_t j = 0; j < count; ++j) weights[j] = weigh(first + j, dots[j]);
    };
    dot_and_add_columns<T>({a.data, a.stride, a.rows, a.count}, 1, x, weigh_all, out);
  }
}

}  // namespace mlx::core::cpu
