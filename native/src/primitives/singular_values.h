#pragma once

#include "primitives/matrix_function.h"

namespace mlx::core {

/// The singular value decomposition: u, s and vt, or s alone.
class SVD : public MatrixFunction {
 public:
  SVD(Stream stream, bool compute_uv) : MatrixFunction(stream), compute_uv_(compute_uv) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "SVD"; }
  bool is_equivalent(const Primitive& other) const override {
    return compute_uv_ == static_cast<const SVD&>(other).compute_uv_;
  }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool compute_uv_;
};

/// The Moore-Penrose inverse.
class PseudoInverse : public MatrixFunction {
 public:
  using MatrixFunction::MatrixFunction;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "PseudoInverse"; }
  bool is_equivalent(const Primitive&) const override { return true; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

}  // namespace mlx::core
