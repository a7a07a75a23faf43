#pragma once

#include "mlx/ops.h"

namespace mlx::core {

/// Applies a function of real arrays to both parts of a complex one.
template <typename F>
array map_complex_parts(const array& a, F&& f, StreamOrDevice s) {
  array re = f(real(a, s)), im = f(imag(a, s));
  return squeeze(view(stack({re, im}, -1, s), complex64, s), -1, s);
}

}  // namespace mlx::core
