#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// How an update meets what is there.
enum class ScatterReduction : uint8_t { None, Sum, Prod, Max, Min };

/// inputs[0] with slices of the last input combined into it. The inputs between them hold where
/// the slices begin along the axes, and have one shape.
class Scatter : public Parametric<Scatter> {
 public:
  Scatter(Stream stream, ScatterReduction reduction, std::vector<int> axes)
      : Parametric(stream), reduction_(reduction), axes_(std::move(axes)) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Scatter"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const { return std::tie(reduction_, axes_); }

 private:
  ScatterReduction reduction_;
  std::vector<int> axes_;
};

/// inputs[0] with the elements of inputs[2] combined into it at the positions inputs[1] along an
/// axis; other axes have equal sizes. The reduction is None or Sum.
class ScatterAxis : public Parametric<ScatterAxis> {
 public:
  ScatterAxis(Stream stream, ScatterReduction reduction, int axis)
      : Parametric(stream), reduction_(reduction), axis_(axis) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "ScatterAxis"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const { return std::tie(reduction_, axis_); }

 private:
  ScatterReduction reduction_;
  int axis_;
};

}  // namespace mlx::core
