#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// Slices of inputs[0] that begin where inputs[1 + k] says along axes[k]. The indices have one
/// shape.
class Gather : public Parametric<Gather> {
 public:
  Gather(Stream stream, std::vector<int> axes, Shape slice_sizes)
      : Parametric(stream), axes_(std::move(axes)), slice_sizes_(std::move(slice_sizes)) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Gather"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(axes_, slice_sizes_); }

 private:
  std::vector<int> axes_;
  Shape slice_sizes_;
};

/// Elements of inputs[0] at the positions inputs[1] along an axis; other axes have equal sizes.
class GatherAxis : public Parametric<GatherAxis> {
 public:
  GatherAxis(Stream stream, int axis) : Parametric(stream), axis_(axis) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "GatherAxis"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[1].shape()};
  }
  auto parameters() const { return std::tie(axis_); }

 private:
  int axis_;
};

}  // namespace mlx::core
