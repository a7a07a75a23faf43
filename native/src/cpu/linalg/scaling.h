#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "cpu/linalg/lapack.h"

namespace mlx::core::cpu {

/// The factor that brings numbers up to `largest` where their squares neither overflow nor vanish.
template <typename R>
R safe_scale(R largest) {
  const R least = std::sqrt(std::numeric_limits<R>::min()) / std::numeric_limits<R>::epsilon();
  if (largest == 0 || (largest >= least && largest <= 1 / least)) return R(1);
  return (largest < least ? least : 1 / least) / largest;
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
