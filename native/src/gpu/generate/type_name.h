#pragma once

#include "mlx/dtype.h"

namespace mlx::core::gpu {

/// What kernels call a dtype. Throws DtypeError for float64, which no GPU kernel has.
const char* type_name(Dtype::Val dtype);

/// Bytes an element.
int item_size(Dtype::Val dtype);

constexpr bool is_half(Dtype::Val dtype) {
  return dtype == Dtype::Val::float16 || dtype == Dtype::Val::bfloat16;
}

}  // namespace mlx::core::gpu
