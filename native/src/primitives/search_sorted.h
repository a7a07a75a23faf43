#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// Where values go into ascending sequences, in uint32. Inputs are sequences (..., n) and values
/// that begin with the same axes but the last; the result has the shape of the values.
class SearchSorted : public Parametric<SearchSorted> {
 public:
  SearchSorted(Stream stream, bool right) : Parametric(stream), right_(right) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "SearchSorted"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[1].shape()};
  }
  auto parameters() const { return std::tie(right_); }

 private:
  /// Whether behind the elements that equal a value.
  bool right_;
};

}  // namespace mlx::core
