#pragma once

#include <tuple>

#include "primitives/matrix_function.h"

namespace mlx::core {

/// The singular value decomposition: u, s and vt, or s alone.
class SVD : public Parametric<SVD, MatrixFunction> {
 public:
  SVD(Stream stream, bool compute_uv) : Parametric(stream), compute_uv_(compute_uv) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "SVD"; }
  auto parameters() const { return std::tie(compute_uv_); }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool compute_uv_;
};

/// The Moore-Penrose inverse.
class PseudoInverse : public Parametric<PseudoInverse, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "PseudoInverse"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

}  // namespace mlx::core
