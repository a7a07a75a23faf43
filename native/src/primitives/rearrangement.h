#pragma once

#include <utility>
#include <vector>

#include "mlx/primitives.h"
#include "primitives/mapped_axis.h"
#include "primitives/moves_elements.h"

namespace mlx::core {

/// A kind with one input that only moves, repeats or leaves out elements. That is linear: a tangent
/// goes the way of the values, a cotangent the way back. A kind gives
///   array apply(const array& input)              the operation with its parameters,
///   array apply_mapped(const array& input)       the same below one more axis, which stands first,
///   array adjoint(primal, cotangent)             the way back,
///   auto parameters()                            what makes two of the kind equivalent.
template <typename Kind>
class Rearrangement : public Parametric<Kind>, public MovesElements {
 public:
  using Parametric<Kind>::Parametric;

  /// Views are the same on all devices: views_eval.cpp.
  void eval_gpu(const std::vector<array>& inputs, array& output) override {
    this->eval_cpu(inputs, output);
  }

  std::vector<array> jvp(const std::vector<array>&, const std::vector<array>& tangents,
                         const std::vector<int>&) override {
    return {kind().apply(tangents[0])};
  }

  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>&, const std::vector<array>&) override {
    return {kind().adjoint(primals[0], cotangents[0])};
  }

  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override {
    array first = mapped_axis_first(inputs[0], axes[0], this->stream());
    return {{kind().apply_mapped(first)}, {0}};
  }

  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {kind().apply(inputs[0]).shape()};
  }

 private:
  const Kind& kind() const { return static_cast<const Kind&>(*this); }
};

}  // namespace mlx::core
