#pragma once

#include <tuple>

#include "primitives/rearrangement.h"

namespace mlx::core {

// Kinds that leave the values as they are.

/// A node of its own on the same data.
class Copy : public Rearrangement<Copy> {
 public:
  using Rearrangement::Rearrangement;
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Copy"; }
  Role role() const override { return Role::copy; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const { return apply(input); }
  array adjoint(const array&, const array& cotangent) const { return cotangent; }
  std::tuple<> parameters() const { return {}; }
};

/// The same values in dense memory.
class Contiguous : public Rearrangement<Contiguous> {
 public:
  Contiguous(Stream stream, bool allow_col_major)
      : Rearrangement(stream), allow_col_major_(allow_col_major) {}
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Contiguous"; }

  array apply(const array& input) const;
  array apply_mapped(const array& input) const { return apply(input); }
  array adjoint(const array&, const array& cotangent) const { return cotangent; }
  auto parameters() const { return std::tie(allow_col_major_); }

 private:
  bool allow_col_major_;
};

/// The end of all derivatives.
class StopGradient : public Parametric<StopGradient>, public MovesElements {
 public:
  using Parametric::Parametric;
  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override {
    eval_cpu(inputs, output);
  }
  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "StopGradient"; }
  Role role() const override { return Role::gradient_stop; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  std::tuple<> parameters() const { return {}; }
};

/// Passes the first inputs on, one an output; the others must only be computed before.
class Depends : public Parametric<Depends, Primitive>, public MovesElements {
 public:
  Depends(Stream stream, size_t outputs) : Parametric(stream), outputs_(outputs) {}
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
  const char* name() const override { return "Depends"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(outputs_); }

 private:
  size_t outputs_;
};

}  // namespace mlx::core
