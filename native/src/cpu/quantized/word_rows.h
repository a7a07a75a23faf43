#pragma once

#include <cstdint>

#include "cpu/matmul/scratch.h"
#include "cpu/quantized/quantized_matrix.h"
#include "cpu/quantized/word_kernels.h"

namespace mlx::core::cpu {

/// The kind of words that kernels read a format as.
CodeKind code_kind(const Quantization& format);

/// Reads pieces of a quantized matrix's rows as words with a scale each.
class WordRows {
 public:
  /// `columns` is the length of the longest piece.
  WordRows(const QuantizedMatrix& matrix, int64_t columns);

  /// The piece of a row that begins at a column, a whole number of groups. `slot`, below kWordRows,
  /// says which of the last pieces it replaces.
  WordRow read(int64_t row, int64_t column, int64_t count, int64_t slot = 0);

 private:
  const QuantizedMatrix& matrix_;
  CodeKind kind_;
  int64_t columns_;
  bool converts_;
  Scratch<uint8_t> codes_;
  Scratch<float> word_scales_, group_scales_;
};

}  // namespace mlx::core::cpu
