#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluation/elementwise_program.h"
#include "mlx/array.h"

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

/// Gives each output of a pass over the shape a buffer: that of an input which nobody else can see
/// and no later instruction reads, or a new one. Tells which inputs' buffers went to outputs. When
/// an allocation fails nothing has changed.
std::vector<bool> place_outputs(const Shape& shape, std::span<const FusedInput> inputs,
                                std::span<const FusedOutput> outputs);

/// One operation by itself, for a primitive that is evaluated outside a plan: the program, and the
/// pass over it with its output placed.
struct SinglePass {
  SinglePass(ElementwiseOp op, const std::vector<array>& inputs, array& output);

  ElementwiseProgram program;
  std::vector<FusedInput> inputs;
  FusedOutput output;
};

}  // namespace mlx::core
