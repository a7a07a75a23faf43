#pragma once

#include "array/dtype_table.h"

namespace mlx::core::gpu {

/// What kernels call a dtype, and what CUDA's own programs do. Throw DtypeError for float64, which
/// no GPU kernel has.
const char* type_name(Dtype::Val dtype);
const char* cuda_type_name(Dtype::Val dtype);

/// Bytes an element.
constexpr int item_size(Dtype::Val dtype) { return dtype_of(dtype).size(); }

}  // namespace mlx::core::gpu
