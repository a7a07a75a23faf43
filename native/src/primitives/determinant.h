#pragma once

#include "primitives/matrix_function.h"

namespace mlx::core {

/// The determinant of square matrices.
class Determinant : public MatrixFunction {
 public:
  using MatrixFunction::MatrixFunction;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Determinant"; }
  bool is_equivalent(const Primitive&) const override { return true; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The sign of the determinant and the logarithm of its absolute value.
class LogDeterminant : public MatrixFunction {
 public:
  using MatrixFunction::MatrixFunction;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "LogDeterminant"; }
  bool is_equivalent(const Primitive&) const override { return true; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The matrix of cofactors: what the determinant's derivative is, for singular matrices too.
class Cofactors : public MatrixFunction {
 public:
  using MatrixFunction::MatrixFunction;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Cofactors"; }
  bool is_equivalent(const Primitive&) const override { return true; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

}  // namespace mlx::core
