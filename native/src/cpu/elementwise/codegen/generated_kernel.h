#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "cpu/elementwise/program.h"

namespace mlx::core {

/// Whether long-running programs get machine code of their own; MLX_DISABLE_CODEGEN=1 starts with
/// false. The results are the same.
bool codegen_enabled();
/// For tests and comparisons.
void set_codegen_enabled(bool on);

/// Machine code that takes a few elements through a whole program with all values in registers, and
/// gives the same bits as the interpreter. For x86-64 with AVX2.
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

  /// How many exist, to see that they are freed.
  static size_t live_count();

 private:
  /// Takes a multiple of `lanes` elements, at least one.
  using Code = void (*)(char* const* operands, size_t count);
  static constexpr size_t lanes = 8;

  GeneratedKernel(Code code, const ElementwiseProgram& program);
  void run_tail(char* const* operands, size_t begin, size_t count) const;

  Code code_;
  size_t inputs_;
  /// Bytes an element of each operand.
  std::vector<uint8_t> item_sizes_;
};

}  // namespace mlx::core
