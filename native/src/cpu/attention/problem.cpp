#include "cpu/attention/problem.h"

#include <limits>

namespace mlx::core::cpu {

template <typename T>
void AttentionProblem<T>::fill_masked(const ScoreBlock& block, W value, W* scores,
                                      int64_t query_stride, int64_t key_stride) const {
  if (args_.mask_kind == MaskKind::causal) {
    for (int64_t i = 0; i < block.queries; ++i) {
      const int64_t visible = block.query + i + lead() + 1 - block.key;
      W* row = scores + i * query_stride;
      for (int64_t j = std::max<int64_t>(0, visible); j < block.keys; ++j)
        row[j * key_stride] = value;
    }
  } else if (args_.mask_kind == MaskKind::boolean) {
    const auto mask = matrix<bool>(args_.mask, block.batch, block.head);
    for (int64_t i = 0; i < block.queries; ++i) {
      const bool* visible = mask.at(block.query + i, block.key);
      W* row = scores + i * query_stride;
      for (int64_t j = 0; j < block.keys; ++j)
        if (!visible[j * mask.column_stride]) row[j * key_stride] = value;
    }
  }
}

template <typename T>
void AttentionProblem<T>::mask_scores(const ScoreBlock& block, W* scores, int64_t query_stride,
                                      int64_t key_stride) const {
  if (args_.mask_kind != MaskKind::additive)
    return fill_masked(block, std::numeric_limits<W>::lowest(), scores, query_stride, key_stride);
  const auto mask = matrix<T>(args_.mask, block.batch, block.head);
  for (int64_t i = 0; i < block.queries; ++i) {
    const T* added = mask.at(block.query + i, block.key);
    W* row = scores + i * query_stride;
    for (int64_t j = 0; j < block.keys; ++j)
      row[j * key_stride] += W(added[j * mask.column_stride]);
  }
}

template <typename T>
void AttentionProblem<T>::clear_masked(const ScoreBlock& block, W* gradients, int64_t query_stride,
                                       int64_t key_stride) const {
  fill_masked(block, W(0), gradients, query_stride, key_stride);
}

template class AttentionProblem<float16_t>;
template class AttentionProblem<bfloat16_t>;
template class AttentionProblem<float>;
template class AttentionProblem<double>;

}  // namespace mlx::core::cpu
