#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// y = factor * (y before) + term along an axis, from 0: what running sums whose scale changes are
/// made of. Inputs: the factors and the terms.
class LinearRecurrence : public Parametric<LinearRecurrence> {
 public:
  LinearRecurrence(Stream stream, int axis, bool reverse)
      : Parametric(stream), axis_(axis), reverse_(reverse) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "LinearRecurrence"; }
  auto parameters() const { return std::tie(axis_, reverse_); }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }

 private:
  int axis_;
  bool reverse_;
};

/// Factors and terms of one shape and one inexact dtype.
array linear_recurrence(const array& factors, const array& terms, int axis, bool reverse,
                        const Stream& s);

/// Every element one place on along an axis, towards higher places or lower ones; `fill` comes in.
array shift_by_one(const array& a, int axis, bool to_higher, const array& fill, const Stream& s);

}  // namespace mlx::core
