#pragma once

#include <cstdint>
#include <span>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// One matrix for each head of each batch. Strides count elements and may be zero or negative.
struct HeadsInput {
  const void* data = nullptr;
  std::span<const int64_t> batch_strides = {};
  int64_t head_stride = 0;
  int64_t row_stride = 0;
  int64_t column_stride = 0;
};

enum class MaskKind : uint8_t { none, causal, boolean, additive };

/// Every group of heads / key_heads heads of queries shares one of keys and values.
struct AttentionArgs {
  Dtype dtype;
  std::span<const int32_t> batch_shape;
  int64_t heads, key_heads;
  int64_t queries, keys;
  /// The features of queries and keys, and those of values.
  int64_t width, value_width;
  double scale;
  HeadsInput q, k, v;
  /// Rows are queries and columns keys. A boolean mask has bool elements, an additive one those of
  /// dtype. Causal: the last query sees all keys, each one before it one less.
  MaskKind mask_kind = MaskKind::none;
  HeadsInput mask = {};
  /// One logit a head that takes part in the softmax and has no value, in float32 (float64 for
  /// float64); null data: none.
  HeadsInput sinks = {};
};

/// out = softmax(scale * q @ k^T + mask) @ v, row-contiguous. Sums are kept in float32 (float64),
/// half types are rounded once. A query that may see no key gets the mean of all values, since
/// masked scores are the lowest finite number. Scratch memory grows with the lengths and not with
/// their product; the bits don't depend on the number of threads.
void attention(const AttentionArgs& args, void* out);

/// Row-contiguous gradients of q, k, v and, unless null, the sinks.
struct AttentionGradients {
  void *q, *k, *v, *sinks;
};

/// From the result of attention and the gradient of that.
void attention_gradient(const AttentionArgs& args, const HeadsInput& out, const HeadsInput& d_out,
                        const AttentionGradients& gradients);

}  // namespace mlx::core::cpu
