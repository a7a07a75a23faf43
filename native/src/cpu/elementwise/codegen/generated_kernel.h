#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cpu/elementwise/codegen/phases.h"
#include "cpu/elementwise/program.h"

namespace mlx::core::cpu {

/// Whether long-running programs get machine code of their own; MLX_DISABLE_CODEGEN=1 starts with
/// false. The results are the same.
bool codegen_enabled();
/// For tests and comparisons.
void set_codegen_enabled(bool on);

/// Machine code for a program: loops that compute many operations with all values in registers, and
/// between them the kernels of functions such as tanh. It gives the same bits as the interpreter.
/// For x86-64 with AVX2.
class GeneratedKernel {
 public:
  /// Null if the processor has no AVX2, the program holds an operation or a dtype that no code is
  /// known for, or the system doesn't let memory be executed.
  static std::unique_ptr<const GeneratedKernel> generate(const ElementwiseProgram& program);
  ~GeneratedKernel();
  GeneratedKernel(const GeneratedKernel&) = delete;
  GeneratedKernel& operator=(const GeneratedKernel&) = delete;

  /// Computes `count` elements. `operands` are the addresses of the inputs, then of the outputs,
  /// all contiguous; an output may lie on an input as in run_elementwise.
  void run(char* const* operands, size_t count) const;

  /// Elements that go from phase to phase: what one hands to the next stays in the first-level
  /// cache. Also a good number to run at a time.
  static constexpr size_t block = 512;

  /// How many exist, to see that they are freed.
  static size_t live_count();

 private:
  /// Takes a multiple of `lanes` elements, at least one.
  using Code = void (*)(char* const* places, size_t count);
  static constexpr size_t lanes = 8;

  struct Phase {
    /// Null when there is nothing to do.
    Code loop;
    std::vector<Phases::Call> calls;
  };

  GeneratedKernel() { ++live_; }
  void run_blocks(char* const* operands, size_t count) const;
  void run_tail(char* const* operands, size_t begin, size_t count) const;

  std::vector<Phase> phases_;
  size_t inputs_ = 0;
  /// Bytes an element of each input and output.
  std::vector<uint8_t> item_sizes_;
  size_t scratch_blocks_ = 0;

  static std::atomic<size_t> live_;
};

}  // namespace mlx::core::cpu
