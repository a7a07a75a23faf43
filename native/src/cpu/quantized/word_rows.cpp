#include "cpu/quantized/word_rows.h"

#include <algorithm>
#include <bit>

#include "cpu/quantized/codes.h"

namespace mlx::core::cpu {
namespace {

/// Whether words lie in memory as kernels read them.
bool has_words(const Quantization& format) { return std::has_single_bit(unsigned(format.bits)); }

CodeKind code_kind(const Quantization& format) {
  if (format.mode == QuantizationMode::mxfp8) return CodeKind::e4m3;
  if (!format.is_affine()) return CodeKind::e2m1;
  return format.bits == 2   ? CodeKind::unsigned2
         : format.bits == 4 ? CodeKind::unsigned4
                            : CodeKind::unsigned8;
}

}  // namespace

WordFormat word_format(const Quantization& format) {
  const CodeKind kind = code_kind(format);
  return {kind, std::countr_zero(unsigned(format.group_size / codes_in_word(kind)))};
}

WordRows::WordRows(const QuantizedMatrix& matrix, int64_t columns)
    : matrix_(matrix),
      columns_(columns),
      group_shift_(std::countr_zero(unsigned(matrix.format.group_size))),
      row_groups_(matrix.groups()),
      group_capacity_((columns >> group_shift_) + kGroupPadding),
      converts_(!has_words(matrix.format)),
      code_memory_(converts_ ? kWordRows * columns : 0),
      group_memory_(2 * kWordRows * group_capacity_),
      codes_(code_memory_.data()),
      scales_(group_memory_.data()),
      biases_(scales_ + kWordRows * group_capacity_) {
  std::fill_n(scales_, 2 * kWordRows * group_capacity_, 0.0f);
}

bool WordRows::has_groups_in_place(int64_t row, int64_t group, int64_t groups) const {
  const bool fills_vectors = groups % kGroupPadding == 0;
  const int64_t end = row * row_groups_ + group + groups;
  return matrix_.format.is_affine() && matrix_.parameter_dtype == float32 && fills_vectors &&
         end + kGroupPadding <= matrix_.rows * row_groups_;
}

WordRow WordRows::read(int64_t row, int64_t column, int64_t count, int64_t slot) {
  const Quantization& format = matrix_.format;
  const uint8_t* words = matrix_.row_codes(row) + column * format.bits / 8;
  if (converts_) {
    uint8_t* codes = codes_ + slot * columns_;
    unpack_codes(format.bits, words, count, codes);
    words = codes;
  }
  const int64_t group = column >> group_shift_, groups = count >> group_shift_;
  if (has_groups_in_place(row, group, groups)) {
    const int64_t first = row * row_groups_ + group;
    return {words, static_cast<const float*>(matrix_.scales) + first,
            static_cast<const float*>(matrix_.biases) + first};
  }
  float* scales = scales_ + slot * group_capacity_;
  matrix_.load_scales(row, group, groups, scales);
  if (format.is_affine()) {
    float* biases = biases_ + slot * group_capacity_;
    matrix_.load_biases(row, group, groups, biases);
    return {words, scales, biases};
  }
  // Kernels see E2M1 in halves.
  if (format.bits == 4)
    for (int64_t g = 0; g < groups; ++g) scales[g] *= 0.5f;
  return {words, scales, nullptr};
}

}  // namespace mlx::core::cpu
