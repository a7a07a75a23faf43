#pragma once

#include "primitives/elementwise_op.h"

namespace mlx::core {

/// The function of float32 that the kernels compute, on one AVX2 register for each operand and by
/// the system's calling convention; null where there is none.
const void* find_vector_function(ElementwiseOp op);

}  // namespace mlx::core
