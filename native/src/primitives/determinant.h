#pragma once

#include <tuple>

#include "primitives/matrix_function.h"

namespace mlx::core {

/// The determinant of square matrices.
class Determinant : public Parametric<Determinant, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Determinant"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The sign of the determinant and the logarithm of its absolute value.
class LogDeterminant : public Parametric<LogDeterminant, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "LogDeterminant"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The matrix of cofactors: what the determinant's derivative is, for singular matrices too.
class Cofactors : public Parametric<Cofactors, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Cofactors"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

}  // namespace mlx::core
