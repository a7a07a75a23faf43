#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// One matrix for each head of each batch. Strides count elements and may be zero or negative.
struct HeadsPlace {
  Place place;
  std::span<const int64_t> batch_strides;
  int64_t head_stride = 0, row_stride = 0, column_stride = 0;
};

enum class MaskKind : uint8_t { none, causal, boolean, additive };

/// Every group of heads / key_heads heads of queries shares one of keys and values.
struct AttentionArgs {
  Dtype::Val dtype;
  std::span<const int32_t> batch_shape;
  int64_t heads, key_heads;
  int64_t queries, keys;
  /// The features of queries and keys, and those of values.
  int64_t width, value_width;
  float scale;
  HeadsPlace q, k, v;
  /// Rows are queries and columns keys. A boolean mask has bool elements, an additive one those of
  /// dtype. Causal: the last query sees all keys, each one before it one less.
  MaskKind mask_kind = MaskKind::none;
  HeadsPlace mask;
  /// One logit a head that takes part in the softmax and has no value, in float32.
  bool has_sinks = false;
  HeadsPlace sinks;
};

/// out = softmax(scale * q @ k^T + mask) @ v, row-contiguous, as cpu/attention has it.
void attention(Commands& commands, const AttentionArgs& args, Place out);

/// Row-contiguous gradients of q, k, v and, if there are any, the sinks.
struct AttentionGradients {
  Place q, k, v, sinks;
};

/// From the result of attention and the gradient of that.
void attention_gradient(Commands& commands, const AttentionArgs& args, const HeadsPlace& out,
                        const HeadsPlace& d_out, const AttentionGradients& gradients);

}  // namespace mlx::core::gpu
