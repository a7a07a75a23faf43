#pragma once

#include "mlx/dtype.h"

namespace mlx::core {

/// float32 for integers and booleans.
inline Dtype at_least_float(Dtype dtype) { return issubdtype(dtype, inexact) ? dtype : float32; }

/// Throws DtypeError for complex numbers.
void require_real(const char* op, Dtype dtype);
/// Throws DtypeError for all but integers and booleans.
void require_integral(const char* op, Dtype dtype);

}  // namespace mlx::core
