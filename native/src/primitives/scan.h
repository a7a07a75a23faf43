#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// Running reductions along an axis.
class Scan : public Parametric<Scan> {
 public:
  enum ReduceType { Max, Min, Sum, Prod, LogAddExp };

  Scan(Stream stream, ReduceType reduce_type, int axis, bool reverse, bool inclusive)
      : Parametric(stream),
        reduce_type_(reduce_type),
        axis_(axis),
        reverse_(reverse),
        inclusive_(inclusive) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override;
  auto parameters() const { return std::tie(reduce_type_, axis_, reverse_, inclusive_); }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }

 private:
  array scan(const array& a, ReduceType type, bool reverse, bool inclusive) const;
  /// A sum that goes the way the scan goes, or back.
  array sum_forward(const array& a) const { return scan(a, Sum, reverse_, inclusive_); }
  array sum_back(const array& a) const { return scan(a, Sum, !reverse_, inclusive_); }
  array extreme_indices(const array& a, const array& inclusive_output) const;
  array shift(const array& a, bool back) const;

  ReduceType reduce_type_;
  int axis_;
  bool reverse_, inclusive_;
};

}  // namespace mlx::core
