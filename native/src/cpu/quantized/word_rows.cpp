#include "cpu/quantized/word_rows.h"

#include <algorithm>

#include "cpu/quantized/codes.h"
#include "cpu/quantized/small_floats.h"

namespace mlx::core::cpu {
namespace {

/// Whether words lie in memory as kernels read them.
bool has_words(const Quantization& format) {
  return format.bits == 8 || (format.is_affine() && (format.bits == 2 || format.bits == 4));
}

}  // namespace

CodeKind code_kind(const Quantization& format) {
  if (format.mode == QuantizationMode::mxfp8) return CodeKind::e4m3;
  if (!format.is_affine()) return CodeKind::signed8;
  return format.bits == 2   ? CodeKind::unsigned2
         : format.bits == 4 ? CodeKind::unsigned4
                            : CodeKind::unsigned8;
}

WordRows::WordRows(const QuantizedMatrix& matrix, int64_t columns)
    : matrix_(matrix),
      kind_(code_kind(matrix.format)),
      columns_(columns),
      converts_(!has_words(matrix.format)),
      codes_(converts_ ? kWordRows * columns : 0),
      word_scales_(kWordRows * columns / codes_in_word(kind_)),
      group_scales_(columns / matrix.format.group_size) {}

WordRow WordRows::read(int64_t row, int64_t column, int64_t count, int64_t slot) {
  const Quantization& format = matrix_.format;
  const uint8_t* words = matrix_.row_codes(row) + column * format.bits / 8;
  if (converts_) {
    uint8_t* codes = codes_.data() + slot * columns_;
    unpack_codes(format.bits, words, count, codes);
    // Signed bytes hold E2M1 in halves.
    if (!format.is_affine())
      for (int64_t i = 0; i < count; ++i) codes[i] = uint8_t(kE2m1Halves[codes[i]]);
    words = codes;
  }
  const int64_t groups = count / format.group_size;
  const int64_t words_in_group = format.group_size / codes_in_word(kind_);
  const float unit = kind_ == CodeKind::signed8 ? 0.5f : 1.0f;
  matrix_.load_scales(row, column / format.group_size, groups, group_scales_.data());
  float* scales = word_scales_.data() + slot * columns_ / codes_in_word(kind_);
  for (int64_t g = 0; g < groups; ++g)
    std::fill_n(scales + g * words_in_group, words_in_group, group_scales_.data()[g] * unit);
  return {words, scales};
}

}  // namespace mlx::core::cpu
