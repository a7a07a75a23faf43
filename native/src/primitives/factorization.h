#pragma once

#include <tuple>

#include "primitives/matrix_function.h"

namespace mlx::core {

/// The Cholesky factor, lower or upper, of Hermitian matrices.
class Cholesky : public Parametric<Cholesky, MatrixFunction> {
 public:
  Cholesky(Stream stream, bool upper) : Parametric(stream), upper_(upper) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Cholesky"; }
  auto parameters() const { return std::tie(upper_); }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool upper_;
};

/// The LU decomposition: both triangles in one matrix, the exchanges of rows, and the row of
/// l @ u that each row of the matrix is.
class LUF : public Parametric<LUF, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "LUF"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The reduced QR decomposition.
class QRF : public Parametric<QRF, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "QRF"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

}  // namespace mlx::core
