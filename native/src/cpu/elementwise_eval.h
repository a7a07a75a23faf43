#pragma once

#include <span>
#include <vector>

#include "cpu/elementwise/program.h"
#include "mlx/array.h"
#include "transforms/eval_plan.h"

namespace mlx::core {

/// An input of a fused pass.
struct FusedInput {
  const array* source;
  /// Handles on it that all end with this pass: when there are no others, an output may take its
  /// buffer. 0: never.
  uint32_t holders;
  /// The last instruction that reads it.
  uint32_t last_read;
};

/// A value of a fused pass that is stored.
struct FusedOutput {
  array* target;
  /// The instruction that makes it.
  uint32_t position;
};

/// Runs a program over a shape in one pass. Tells which inputs' buffers went to outputs.
std::vector<bool> eval_fused(const CompiledElementwise& program, const Shape& shape,
                             std::span<const FusedInput> inputs,
                             std::span<const FusedOutput> outputs);

/// Computes the stored members of a fused group in one pass, overwriting inputs that nobody else
/// can see.
void eval_elementwise(Step& step);

/// One operation by itself, for a primitive that is evaluated outside a plan.
void eval_elementwise(ElementwiseOp op, const std::vector<array>& inputs, array& output);

}  // namespace mlx::core
