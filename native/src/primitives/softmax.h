#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// exp(x) / sum(exp(x)) along the last axis.
class Softmax : public Parametric<Softmax> {
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
  const char* name() const override { return "Softmax"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  std::tuple<> parameters() const { return {}; }
};

/// log(sum(exp(x))) along the last axis, which is gone from the result.
class LogSumExp : public Parametric<LogSumExp> {
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
  const char* name() const override { return "LogSumExp"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  std::tuple<> parameters() const { return {}; }
};

/// The largest element along the last axis, which stays with size 1, and log(sum(exp(x - it))). The
/// first counts as a
/// constant, and the second's derivative makes up for it.
class LogSumExpParts : public Parametric<LogSumExpParts, Primitive> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "LogSumExpParts"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  std::tuple<> parameters() const { return {}; }
};

}  // namespace mlx::core
