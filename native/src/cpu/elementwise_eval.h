#pragma once

#include <vector>

#include "cpu/elementwise/program.h"
#include "mlx/array.h"
#include "transforms/eval_plan.h"

namespace mlx::core {

/// Computes the stored members of a fused group in one pass, overwriting inputs that nobody else
/// can see.
void eval_elementwise(Step& step);

/// One operation by itself, for a primitive that is evaluated outside a plan.
void eval_elementwise(ElementwiseOp op, const std::vector<array>& inputs, array& output);

}  // namespace mlx::core
