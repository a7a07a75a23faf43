#pragma once

#include <algorithm>
#include <cstdint>

#include "cpu/attention/attention.h"
#include "cpu/attention/panels.h"

namespace mlx::core::cpu {

/// Blocks of scores. Their borders, and so the order of all sums, depend on nothing else.
inline constexpr int64_t kTileQueries = 48;
inline constexpr int64_t kTileKeys = 256;

/// A range of queries and one of keys, in one head of one batch.
struct ScoreBlock {
  int64_t batch, head;
  int64_t query, queries;
  int64_t key, keys;
};

/// The arguments with element types. T: what is read and written; W: what is computed in.
template <typename T>
class AttentionProblem {
 public:
  using W = Wide<T>;

  explicit AttentionProblem(const AttentionArgs& args) : args_(args) {
    for (int32_t size : args.batch_shape) batches_ *= size;
  }

  const AttentionArgs& args() const { return args_; }
  int64_t batches() const { return batches_; }
  int64_t group() const { return args_.heads / std::max<int64_t>(1, args_.key_heads); }

  /// A head's matrix.
  template <typename E = T>
  MatrixView<E> matrix(const HeadsInput& input, int64_t batch, int64_t head) const {
    auto data = static_cast<const E*>(input.data) + head * input.head_stride;
    for (size_t i = args_.batch_shape.size(); i-- > 0; batch /= args_.batch_shape[i])
      data += batch % args_.batch_shape[i] * input.batch_strides[i];
    return {data, input.row_stride, input.column_stride};
  }

  W sink(int64_t batch, int64_t head) const { return *matrix<W>(args_.sinks, batch, head).data; }
  bool has_sinks() const { return args_.sinks.data != nullptr; }

  /// How many of the first keys the queries before `end` may see. Queries that see none attend to
  /// all.
  int64_t visible_keys(int64_t begin, int64_t end) const {
    if (args_.mask_kind != MaskKind::causal || begin + lead() < 0) return args_.keys;
    return std::min(args_.keys, end + lead());
  }
  /// The first query that may see a key from `key` on.
  int64_t first_query(int64_t key) const {
    if (args_.mask_kind != MaskKind::causal || lead() < 0) return 0;
    return std::max<int64_t>(0, key - lead());
  }

  /// Applies the mask to scores: a query's scores begin a query_stride apart, a key's a key_stride.
  void mask_scores(const ScoreBlock& block, W* scores, int64_t query_stride,
                   int64_t key_stride) const;
  /// Zeros where scores don't depend on queries and keys, being masked.
  void clear_masked(const ScoreBlock& block, W* gradients, int64_t query_stride,
                    int64_t key_stride) const;

 private:
  /// Keys before the first query's own.
  int64_t lead() const { return args_.keys - args_.queries; }
  void fill_masked(const ScoreBlock& block, W value, W* scores, int64_t query_stride,
                   int64_t key_stride) const;

  const AttentionArgs& args_;
  int64_t batches_ = 1;
};

}  // namespace mlx::core::cpu
