#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "evaluation/elementwise_program.h"

namespace mlx::core::cpu {

/// A program with its kernels found and its block registers assigned.
class CompiledElementwise;

/// Throws DtypeError naming operation and dtype when there is no such kernel.
std::shared_ptr<const CompiledElementwise> compile_elementwise(const ElementwiseProgram& program);

/// Data with one stride a dimension, in elements; 0 repeats, negative runs backwards.
struct ConstOperand {
  const void* data;
  std::span<const int64_t> strides;
};
struct MutableOperand {
  void* data;
  std::span<const int64_t> strides;
};

/// Runs a program over a shape, one operand for each input and output. An output may lie exactly
/// on an input that no later instruction reads.
void run_elementwise(const CompiledElementwise& program, std::span<const int32_t> shape,
                     std::span<const ConstOperand> inputs, std::span<const MutableOperand> outputs);

class ElementwiseLayout;
class GeneratedKernel;

/// A program whose last output is not stored but pulled piece by piece, by a consumer such as a
/// trailing reduction. `stored` are the outputs before the last.
class ElementwiseBlocks {
 public:
  ElementwiseBlocks(const CompiledElementwise& program, std::span<const int32_t> shape,
                    std::span<const ConstOperand> inputs, std::span<const MutableOperand> stored);
  ~ElementwiseBlocks();
  ElementwiseBlocks(const ElementwiseBlocks&) = delete;
  ElementwiseBlocks& operator=(const ElementwiseBlocks&) = delete;

  /// Elements in all.
  size_t size() const;

  /// Computes elements [begin, begin + count) in row-major order, writing those of the last output
  /// to `out` and those of the others to where they are stored. Threads may do so at the same time.
  /// Faster for multiples of a few hundred elements, and for whole rows.
  void evaluate(size_t begin, size_t count, void* out) const;

 private:
  const CompiledElementwise& program_;
  std::unique_ptr<const ElementwiseLayout> layout_;
  const GeneratedKernel* generated_ = nullptr;
};

}  // namespace mlx::core::cpu
