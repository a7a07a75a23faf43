#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mlx/dtype.h"
#include "primitives/elementwise_op.h"

namespace mlx::core {

/// One operation of a program. Operands are value numbers: the program's inputs are 0 to n - 1,
/// instruction k makes value n + k.
struct Instruction {
  ElementwiseOp op;
  /// The operands' dtype; Select's condition is bool_ whatever stands here.
  Dtype::Val in;
  Dtype::Val out;
  uint16_t operands[3];

  friend bool operator==(const Instruction&, const Instruction&) = default;
};

/// A chain of elementwise operations that runs in one pass over memory. Instructions stand after
/// what they read; outputs are the values that get stored.
struct ElementwiseProgram {
  std::vector<Dtype::Val> inputs;
  std::vector<Instruction> instructions;
  std::vector<uint16_t> outputs;

  friend bool operator==(const ElementwiseProgram&, const ElementwiseProgram&) = default;
};

struct ElementwiseProgramHash {
  size_t operator()(const ElementwiseProgram& program) const;
};

}  // namespace mlx::core
