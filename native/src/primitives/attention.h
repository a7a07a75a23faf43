#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// What attention computes, and which optional inputs a node has.
struct AttentionSettings {
  float scale;
  /// The last query sees all keys and each one before it one less.
  bool causal;
  bool has_mask;
  bool has_sinks;

  auto as_tuple() const { return std::tie(scale, causal, has_mask, has_sinks); }
};

/// softmax(scale * q @ k^T + mask) @ v without the matrix of scores in memory. Inputs: q (...,
/// heads, queries, features), k and v (..., key heads, keys, features), all of one floating dtype;
/// then, if there is one, a mask (..., heads, queries, keys), bool_ or of that dtype; then, if
/// there are any, sinks (..., heads) in the dtype that scores are computed in.
class Attention : public Parametric<Attention> {
 public:
  Attention(Stream stream, const AttentionSettings& settings)
      : Parametric(stream), settings_(settings) {}
  Attention(Stream stream, float scale, bool causal, bool has_mask, bool has_sinks)
      : Attention(stream, {scale, causal, has_mask, has_sinks}) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "ScaledDotProductAttention"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return settings_.as_tuple(); }

 private:
  AttentionSettings settings_;
};

/// Gradients of attention for q, k, v and then the sinks, if there are any. The inputs are those of
/// attention, its result, and the gradient of that. Scores are computed again, tile by tile.
class AttentionGradient : public Parametric<AttentionGradient, Primitive> {
 public:
  AttentionGradient(Stream stream, const AttentionSettings& settings)
      : Parametric(stream), settings_(settings) {}
  AttentionGradient(Stream stream, float scale, bool causal, bool has_mask, bool has_sinks)
      : AttentionGradient(stream, {scale, causal, has_mask, has_sinks}) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "ScaledDotProductAttentionGradient"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return settings_.as_tuple(); }

  /// The outputs of such a node.
  static std::vector<array> make(const std::vector<array>& inputs,
                                 const AttentionSettings& settings, const Stream& stream);

 private:
  AttentionSettings settings_;
};

}  // namespace mlx::core
