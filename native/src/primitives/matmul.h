#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// (..., m, k) times (..., k, n); other axes have equal sizes.
class Matmul : public Parametric<Matmul> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Matmul"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  std::tuple<> parameters() const { return {}; }
};

/// alpha * (inputs[0] @ inputs[1]) + beta * inputs[2], of which the last has the product's shape.
class AddMM : public Parametric<AddMM> {
 public:
  AddMM(Stream stream, float alpha, float beta) : Parametric(stream), alpha_(alpha), beta_(beta) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "AddMM"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[2].shape()};
  }
  auto parameters() const { return std::tie(alpha_, beta_); }

 private:
  float alpha_, beta_;
};

}  // namespace mlx::core
