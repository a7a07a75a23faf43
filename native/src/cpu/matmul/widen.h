#pragma once

#include <cstring>

#include "cpu/elementwise/kernel.h"
#include "cpu/matmul/product.h"
#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// Contiguous elements of a type as those that sums are kept in.
template <typename T>
void widen(const T* from, int64_t count, Wide<T>* to) {
  if constexpr (is_half_v<T>) {
    static const auto cast = find_cast_kernel(exact_dtype<T>(), Dtype::Val::float32);
    cast(from, nullptr, nullptr, to, size_t(count));
  } else {
    std::memcpy(to, from, size_t(count) * sizeof(T));
  }
}

/// The way back, with one rounding.
template <typename T>
void narrow(const Wide<T>* from, int64_t count, T* to) {
  if constexpr (is_half_v<T>) {
    static const auto cast = find_cast_kernel(Dtype::Val::float32, exact_dtype<T>());
    cast(from, nullptr, nullptr, to, size_t(count));
  } else {
    std::memcpy(to, from, size_t(count) * sizeof(T));
  }
}

}  // namespace mlx::core::cpu
