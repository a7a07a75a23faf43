#pragma once

#include <optional>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream.h"
#include "primitives/elementwise_op.h"

namespace mlx::core {

/// The derivative of an operation with respect to primals[argnum], applied to v: to a tangent, or,
/// with `adjoint`, to a cotangent. They differ for complex numbers alone, whose gradient is
/// dL/dx + i dL/dy. `output` is the operation's result.
array apply_elementwise_derivative(ElementwiseOp op, int argnum, const array& v,
                                   const std::vector<array>& primals, const array& output,
                                   bool adjoint, const Stream& stream);

}  // namespace mlx::core
