#pragma once

#include <optional>
#include <string>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core::fast {

// Layers of transformers in one pass each, with less memory than the operations they stand for.
// Half types are computed in float32 and rounded once.

/// x / sqrt(mean(x^2) + eps) * weight along the last axis; the weight is one vector, or ones.
MLX_API array rms_norm(const array& x, const std::optional<array>& weight, float eps,
                       StreamOrDevice s = {});

/// (x - mean) / sqrt(variance + eps) * weight + bias along the last axis; weight and bias are one
/// vector each, or ones and zeros.
MLX_API array layer_norm(const array& x, const std::optional<array>& weight,
                         const std::optional<array>& bias, float eps, StreamOrDevice s = {});

/// Rotary position embedding of the first `dims` features (RoFormer, arXiv 2104.09864): a pair of
/// features at position t along axis -2 turns by (offset + t) * scale / freqs[i], where freqs are
/// powers of the base unless they are given. Traditional pairs are neighbours, others lie dims / 2
/// apart. The offset is a number, or an array of one or of one a row of the first axis.
MLX_API array rope(const array& x, int dims, bool traditional, std::optional<float> base,
                   float scale, int offset, const std::optional<array>& freqs = std::nullopt,
                   StreamOrDevice s = {});
MLX_API array rope(const array& x, int dims, bool traditional, std::optional<float> base,
                   float scale, const array& offset,
                   const std::optional<array>& freqs = std::nullopt, StreamOrDevice s = {});

/// softmax(scale * queries @ keys^T + mask) @ values for [batch, heads, length, features]; several
/// heads of queries may share one of keys and values. mask_mode "causal" lets the last query see
/// all keys and each one before it one less; a mask array is boolean (true: visible) or added.
/// Sinks, one a head, are logits that take weight and give no value. Memory grows with the lengths,
/// not with their product; force_fused changes nothing, for there is no other way here.
MLX_API array scaled_dot_product_attention(const array& queries, const array& keys,
                                           const array& values, const float scale,
                                           const std::string& mask_mode,
                                           const std::optional<array>& mask_arr,
                                           const std::optional<array>& sinks, bool force_fused,
                                           StreamOrDevice s = {});
MLX_API array scaled_dot_product_attention(const array& queries, const array& keys,
                                           const array& values, const float scale,
                                           const std::string& mask_mode = "",
                                           const std::optional<array>& mask_arr = std::nullopt,
                                           const std::optional<array>& sinks = std::nullopt,
                                           StreamOrDevice s = {});

}  // namespace mlx::core::fast
