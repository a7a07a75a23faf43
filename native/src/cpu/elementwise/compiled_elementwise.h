#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "cpu/elementwise/codegen/generated_kernel.h"
#include "cpu/elementwise/kernel.h"
#include "cpu/elementwise/program.h"
#include "evaluation/fused_program.h"

namespace mlx::core::cpu {

/// What the interpreter executes. Every value lives in a place: places 0 to inputs - 1 are the
/// inputs, the next ones the outputs, and the rest registers that hold one block each.
class CompiledElementwise : public CompiledProgram {
 public:
  struct Step {
    ElementwiseKernel kernel;
    /// Places of the operands; unused ones repeat the first.
    uint16_t operands[3];
    uint16_t result;
  };

  explicit CompiledElementwise(const ElementwiseProgram& program);

  /// Machine code for all steps, made once the program has seen enough elements for that to pay;
  /// null until then, and for good if there can be none. `elements` are those of the coming run.
  const GeneratedKernel* generated(size_t elements) const;
  /// Whether the last run had such code.
  bool is_generated() const { return codegen_enabled() && made_.load(); }
  const char* remark() const override { return is_generated() ? " in generated code" : ""; }

  /// What was compiled.
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

 private:
  mutable std::atomic<size_t> seen_{0};
  mutable std::once_flag once_;
  mutable std::unique_ptr<const GeneratedKernel> owned_;
  mutable std::atomic<const GeneratedKernel*> made_{nullptr};
};

}  // namespace mlx::core::cpu
