#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// The elements along an axis below the one that sorting puts at kth, then those equal to it, then
/// those above it; each of the three keeps its order.
class Partition : public Parametric<Partition> {
 public:
  Partition(Stream stream, int kth, int axis) : Parametric(stream), kth_(kth), axis_(axis) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Partition"; }
  auto parameters() const { return std::tie(kth_, axis_); }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

 private:
  int kth_, axis_;
};

/// The indices that partition.
class ArgPartition : public Parametric<ArgPartition> {
 public:
  ArgPartition(Stream stream, int kth, int axis) : Parametric(stream), kth_(kth), axis_(axis) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "ArgPartition"; }
  auto parameters() const { return std::tie(kth_, axis_); }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

 private:
  int kth_, axis_;
};

}  // namespace mlx::core
