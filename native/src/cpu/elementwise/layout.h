#pragma once

#include <cstdint>
#include <span>

#include "cpu/elementwise/compiled_elementwise.h"
#include "evaluation/merged_layout.h"
#include "mlx/small_vector.h"

namespace mlx::core::cpu {

/// The operands of a run in their merged layout. Inputs come first, then outputs.
class ElementwiseLayout : public MergedLayout {
 public:
  struct Operand {
    char* data;
    uint8_t item_size;
    /// Runs through memory without gaps over all dimensions.
    bool dense;
  };

  /// Visits dimensions in the order of the first output's memory, or else as the shape has them.
  enum class Order { memory, shape };

  ElementwiseLayout(const CompiledElementwise& program, std::span<const int32_t> shape,
                    std::span<const ConstOperand> inputs, std::span<const MutableOperand> outputs,
                    Order order);

  const Operand& operand(size_t i) const { return operand_[i]; }

  int64_t row_length() const { return dims() ? shape(dims() - 1) : 1; }
  int64_t row_stride(size_t operand) const { return dims() ? stride(operand, dims() - 1) : 0; }
  /// After how many elements the operand's repeat; all of them where they don't.
  size_t period(size_t operand) const;
  /// Where an element is, relative to the operand's first, counted in elements.
  int64_t offset(size_t operand, const int64_t* index) const;
  void split(size_t position, int64_t* index) const;

  /// A dimension along which some operand is contiguous that is far apart along the rows, such as a
  /// transposed matrix; -1 when there is none.
  int cross_dimension() const;

  /// Copies `count` elements from a flat position on between an operand and a block.
  void load(size_t operand, size_t position, size_t count, char* block) const;
  void store(size_t operand, size_t position, size_t count, const char* block) const;

 private:
  template <bool is_load>
  void move(size_t operand, size_t position, size_t count, char* block) const;
  template <bool is_load, typename T>
  void move_rows(size_t operand, size_t position, size_t count, T* values) const;
  template <bool is_load, typename T>
  void move_short_rows(size_t operand, size_t position, size_t count, T* values) const;
  int64_t next_run(size_t operand, int dim, int64_t* index) const;

  SmallVector<Operand, 8> operand_;
};

}  // namespace mlx::core::cpu
