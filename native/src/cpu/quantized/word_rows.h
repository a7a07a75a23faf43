#pragma once

#include <cstdint>

#include "cpu/matmul/scratch.h"
#include "cpu/quantized/quantized_matrix.h"
#include "cpu/quantized/word_kernels.h"

namespace mlx::core::cpu {

/// How kernels read the words of a quantized matrix.
WordFormat word_format(const Quantization& format);

/// Reads pieces of a quantized matrix's rows as words, with scales and biases in float32.
class WordRows {
 public:
  /// `columns` is the length of the longest piece.
  WordRows(const QuantizedMatrix& matrix, int64_t columns);

  /// The piece of a row that begins at a column, a whole number of groups. `slot`, below kWordRows,
  /// says which of the last pieces it replaces.
  WordRow read(int64_t row, int64_t column, int64_t count, int64_t slot = 0);

 private:
  /// Whether scales and biases of these groups lie in memory as kernels read them: whole vectors,
  /// with something behind them.
  bool has_groups_in_place(int64_t row, int64_t group, int64_t groups) const;

  const QuantizedMatrix& matrix_;
  int64_t columns_;
  // A row is read in the time of a few divisions, which shifts spare.
  int group_shift_;
  int64_t row_groups_, group_capacity_;
  bool converts_;
  Scratch<uint8_t> code_memory_;
  Scratch<float> group_memory_;
  uint8_t* codes_;
  float *scales_, *biases_;
};

}  // namespace mlx::core::cpu
