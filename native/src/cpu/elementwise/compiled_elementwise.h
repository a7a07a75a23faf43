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

  /// What was compiled; for the debugging view.
  const ElementwiseProgram source;
  std::vector<Step> steps;
  /// Bytes an element of each input and output.
  std::vector<uint8_t> item_sizes;
  /// Bytes an element of the widest value that each register holds.
  std::vector<uint8_t> register_widths;
  uint16_t inputs = 0;
  uint16_t outputs = 0;
  /// Elements a block, such that all places together stay in the first-level cache.
  size_t block = 0;
  /// Elements for one thread to take at a time: about as long for any program.
  size_t grain = 0;
};

}  // namespace mlx::core
