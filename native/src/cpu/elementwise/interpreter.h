#pragma once

#include "cpu/elementwise/layout.h"

namespace mlx::core::cpu {

/// Executes a program over parts of a layout, block by block, on the calling thread.
class ElementwiseInterpreter {
 public:
  /// `block` is how many elements go through the program at a time, `generated` what takes them
  /// there instead of the program's steps, or null.
  ElementwiseInterpreter(const CompiledElementwise& program, const ElementwiseLayout& layout,
                         size_t block, const GeneratedKernel* generated);

  /// Elements [begin, end) of the flattened layout.
  void run(size_t begin, size_t end);

  /// The same, with the last output's elements written to `last_output` without gaps.
  void run_into(size_t begin, size_t end, void* last_output);

  /// Tiles [begin, end) of those that cover the layout along a cross dimension.
  void run_tiles(size_t begin, size_t end, int cross_dimension);

  static size_t tile_count(const ElementwiseLayout& layout, int cross_dimension);
  /// Elements of a whole tile.
  static constexpr size_t tile_size = 2048;

 private:
  void run_block(size_t begin, size_t count);
  void fetch_next(size_t count);
  void run_steps(size_t count);
  size_t block_end(size_t begin, size_t end) const;
  char* find(size_t operand, size_t begin, size_t count, const int64_t* index);
  void stage(size_t operand, size_t begin, size_t count);
  template <bool is_load>
  void move(size_t operand, const int64_t* index, int cross, size_t height, size_t width);
  bool is_input(size_t operand) const { return operand < program_.inputs; }
  bool is_replaced(size_t operand) const {
    return replacement_ && operand + 1 == layout_.operands();
  }

  const CompiledElementwise& program_;
  const ElementwiseLayout& layout_;
  const GeneratedKernel* generated_;
  /// Rows are long enough to run by themselves, with operands used in place.
  bool in_rows_;
  /// Elements a block; a multiple of the periods that it holds if rows are short.
  size_t block_;
  /// Where the kernels find each value's block.
  SmallVector<char*, 32> places_;
  /// Memory for the blocks of operands that can't be used in place.
  SmallVector<char*, 16> staging_;
  /// What a staging block holds that later blocks can use again: the address of a value that fills
  /// it, or of the row that it repeats.
  SmallVector<const char*, 16> kept_;
  char* replacement_ = nullptr;
  size_t replacement_begin_ = 0;
};

}  // namespace mlx::core::cpu
