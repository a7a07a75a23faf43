#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"
#include "primitives/moves_elements.h"

namespace mlx::core {

/// The inputs one after another along an axis.
class Concatenate : public Parametric<Concatenate> {
 public:
  Concatenate(Stream stream, int axis) : Parametric(stream), axis_(axis) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Concatenate"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(axis_); }

 private:
  int axis_;
};

/// Views of the input between the indices along an axis.
class Split : public Parametric<Split, Primitive>, public MovesElements {
 public:
  Split(Stream stream, Shape indices, int axis)
      : Parametric(stream), indices_(std::move(indices)), axis_(axis) {}
  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override {
    eval_cpu(inputs, outputs);
  }
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Split"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(indices_, axis_); }

 private:
  Shape indices_;
  int axis_;
};

/// The first input with the second, a scalar, around it.
class Pad : public Parametric<Pad> {
 public:
  Pad(Stream stream, std::vector<int> axes, Shape low, Shape high)
      : Parametric(stream), axes_(std::move(axes)), low_(std::move(low)), high_(std::move(high)) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Pad"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(axes_, low_, high_); }

 private:
  /// Where the input begins in the output.
  Shape start(size_t ndim) const;

  std::vector<int> axes_;
  Shape low_, high_;
};

}  // namespace mlx::core
