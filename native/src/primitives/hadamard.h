#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// The last axis times a Hadamard matrix, or its transpose, and a scale. That is linear.
class Hadamard : public Parametric<Hadamard> {
 public:
  Hadamard(Stream stream, float scale, bool transpose)
      : Parametric(stream), scale_(scale), transpose_(transpose) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Hadamard"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  std::tuple<const float&, const bool&> parameters() const { return {scale_, transpose_}; }

 private:
  array transformed(const array& a, bool transpose) const;

  float scale_;
  bool transpose_;
};

}  // namespace mlx::core
