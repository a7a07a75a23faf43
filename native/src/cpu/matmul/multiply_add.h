#pragma once

#include <cstdint>
#include <type_traits>

#include "mlx/types.h"

namespace mlx::core::cpu {

/// sum + a * b for types without a kernel of their own: integers wrap, bool has "or" and "and", and
/// complex numbers need no rescue of infinities.
template <typename T>
T multiply_add(T sum, T a, T b) {
  if constexpr (std::is_same_v<T, bool>) {
    return bool(sum | (a & b));
  } else if constexpr (is_complex_v<T>) {
    return T(sum.real() + a.real() * b.real() - a.imag() * b.imag(),
             sum.imag() + a.real() * b.imag() + a.imag() * b.real());
  } else {
    using Unsigned = std::conditional_t<(sizeof(T) < 8), uint32_t, uint64_t>;
    return T(Unsigned(sum) + Unsigned(a) * Unsigned(b));
  }
}

}  // namespace mlx::core::cpu
