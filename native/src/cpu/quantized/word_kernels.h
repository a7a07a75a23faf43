#pragma once

#include <cstdint>

namespace mlx::core::cpu {

/// What the bits of a 32-bit word of codes mean. Formats with other codes are brought to one of the
/// kinds with a byte each.
enum class CodeKind : uint8_t { unsigned2, unsigned4, unsigned8, signed8, e4m3 };

inline constexpr int codes_in_word(CodeKind kind) {
  return kind == CodeKind::unsigned2 ? 16 : kind == CodeKind::unsigned4 ? 8 : 4;
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

inline constexpr int64_t kMaxWordVectors = 4;

/// sums[v] = sum over words w and their codes of scales[w] * code * x[v], with x in word order.
void dot_words(CodeKind kind, const void* words, int64_t count, const float* scales, const float* x,
               int64_t x_stride, int64_t vectors, float* sums);

/// Rows of words that are added at once.
inline constexpr int64_t kWordRows = 4;

struct WordRow {
  const void* words;
  const float* scales;
};

/// out += factors[r] * scales[r][w] * code for the words of some rows, out being in word order.
void add_words(CodeKind kind, const WordRow* rows, int64_t row_count, int64_t count,
               const float* factors, float* out);

}  // namespace mlx::core::cpu
