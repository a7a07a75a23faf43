#pragma once

#include "mlx/types.h"

namespace mlx::core::cpu {

/// A complex number in float64, for running sums and products of complex64.
struct DoubleParts {
  double real, imag;
  explicit operator complex64_t() const { return complex64_t(float(real), float(imag)); }
};

}  // namespace mlx::core::cpu
