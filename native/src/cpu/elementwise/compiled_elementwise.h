#pragma once

#include <vector>

#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/program.h"

namespace mlx::core {

/// What the interpreter executes. Every value lives in a place: places 0 to inputs - 1 are the
/// inputs, the next ones the outputs, and the rest registers that hold one block each.
class CompiledElementwise {
 public:
  struct Step {
    ElementwiseKernel kernel;
    /// Places of the operands; unused ones repeat the first.
    uint16_t operands[3];
    uint16_t result;
  };

  explicit CompiledElementwise(const ElementwiseProgram& program);

  std::vector<Step> steps;
  /// Bytes an element of each input and output.
  std::vector<uint8_t> item_sizes;
  uint16_t inputs = 0;
  uint16_t outputs = 0;
  uint16_t registers = 0;
  /// Elements for one thread to take at a time: about as long for any program.
  size_t grain = 0;
};

}  // namespace mlx::core
