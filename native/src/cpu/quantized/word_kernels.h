#pragma once

#include <cstdint>

namespace mlx::core::cpu {

/// What the bits of a 32-bit word of codes mean. Codes of other widths are brought to a byte each.
enum class CodeKind : uint8_t { unsigned2, unsigned4, unsigned8, e2m1, e4m3 };

inline constexpr int codes_in_word(CodeKind kind) {
  const bool has_bytes = kind == CodeKind::unsigned8 || kind == CodeKind::e4m3;
  return has_bytes ? 4 : kind == CodeKind::unsigned2 ? 16 : 8;
}

/// The order in which the kernels see numbers: for each block of as many words as a vector has
/// lanes, first the first number of every word, then the second. Code j stays in its place in the
/// word, which makes it larger by a power of two; `word_order_factor` takes that back.
struct WordOrder {
  CodeKind kind;
  /// Words of a block.
  int64_t lanes;

  int64_t block() const { return lanes * codes_in_word(kind); }
  /// Elements that `count` numbers take, the last block filled up.
  int64_t size(int64_t count) const { return (count + block() - 1) / block() * block(); }
  void scatter(const float* numbers, int64_t count, float* ordered) const;
  void gather(const float* ordered, int64_t count, float* numbers) const;
};

WordOrder word_order(CodeKind kind);

/// How rows of words are read: 2^group_shift words share a scale.
struct WordFormat {
  CodeKind kind;
  int group_shift;
};

/// Elements by which arrays of groups are longer than there are groups; these are zeros, since
/// kernels read whole vectors.
inline constexpr int64_t kGroupPadding = 16;

/// Words, and for each group a scale and maybe a bias, of a row.
struct WordRow {
  const void* words;
  const float* scales;
  /// Null: none.
  const float* biases;
};

inline constexpr int64_t kMaxWordVectors = 4;

/// Vectors in word order, and their sums over each group.
struct WordVectors {
  const float* numbers;
  int64_t stride;
  const float* group_sums;
  int64_t group_stride;
  int64_t count;
};

/// Rows of words that are read at once.
inline constexpr int64_t kWordRows = 4;

/// sums[r * kMaxWordVectors + v] = sum over the codes of `words` words of row r of
/// (scale * code + bias) * x[v].
void dot_words(const WordFormat& format, const WordRow* rows, int64_t row_count, int64_t words,
               const WordVectors& x, float* sums);

/// out += factors[r] * scale * code for the words of some rows, out being in word order.
void add_words(const WordFormat& format, const WordRow* rows, int64_t row_count, int64_t words,
               const float* factors, float* out);

}  // namespace mlx::core::cpu
