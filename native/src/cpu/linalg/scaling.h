#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "cpu/linalg/lapack.h"

namespace mlx::core::cpu {

/// A power of two that brings numbers up to `largest` near 1, where squares of what matters neither
/// overflow nor vanish; 1 if they are near enough.
template <typename R>
R safe_scale(R largest) {
  constexpr int kNear = 10, kMost = std::numeric_limits<R>::max_exponent - 2;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::abs(exponent) <= kNear ? R(1)
                                     : std::ldexp(R(1), std::clamp(-exponent, -kMost, kMost));
}

/// Of real and imaginary parts.
template <typename T>
Real<T> largest_part(int64_t count, const T* a) {
  const auto* parts = reinterpret_cast<const Real<T>*>(a);
  Real<T> largest = 0;
  for (int64_t i = 0; i < count * int64_t(sizeof(T) / sizeof(Real<T>)); ++i)
    largest = std::max(largest, std::abs(parts[i]));
  return largest;
}

template <typename T>
void multiply_by(Real<T> factor, int64_t count, T* a) {
  for (int64_t i = 0; i < count; ++i) a[i] *= factor;
}

}  // namespace mlx::core::cpu
