#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"
#include "primitives/normalization_kind.h"

namespace mlx::core {

/// Rows of inputs[0] brought to unit size, times the vector inputs[1]; layer norm also moves each
/// row's mean to zero and adds the vector inputs[2]. All inputs have one floating dtype.
class Normalization : public Parametric<Normalization> {
 public:
  Normalization(Stream stream, NormalizationKind kind, float eps)
      : Parametric(stream), kind_(kind), eps_(eps) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override {
    return kind_ == NormalizationKind::layer ? "LayerNorm" : "RMSNorm";
  }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const { return std::tie(kind_, eps_); }

 private:
  NormalizationKind kind_;
  float eps_;
};

/// Gradients of a normalization for all its inputs. The inputs are its rows, its weight, and the
/// gradient of its result.
class NormalizationGradient : public Parametric<NormalizationGradient, Primitive> {
 public:
  NormalizationGradient(Stream stream, NormalizationKind kind, float eps)
      : Parametric(stream), kind_(kind), eps_(eps) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override {
    return kind_ == NormalizationKind::layer ? "LayerNormGradient" : "RMSNormGradient";
  }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(kind_, eps_); }

 private:
  NormalizationKind kind_;
  float eps_;
};

}  // namespace mlx::core
