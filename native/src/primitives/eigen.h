#pragma once

#include <tuple>

#include "primitives/matrix_function.h"

namespace mlx::core {

/// Eigenvalues, and eigenvectors if wanted, of Hermitian matrices.
class Eigh : public Parametric<Eigh, MatrixFunction> {
 public:
  Eigh(Stream stream, bool upper, bool compute_eigenvectors)
      : Parametric(stream), upper_(upper), compute_eigenvectors_(compute_eigenvectors) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Eigh"; }
  auto parameters() const { return std::tie(upper_, compute_eigenvectors_); }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool upper_;
  bool compute_eigenvectors_;
};

/// Eigenvalues, and eigenvectors if wanted, of any square matrices, in complex64.
class Eig : public Parametric<Eig, MatrixFunction> {
 public:
  Eig(Stream stream, bool compute_eigenvectors)
      : Parametric(stream), compute_eigenvectors_(compute_eigenvectors) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Eig"; }
  auto parameters() const { return std::tie(compute_eigenvectors_); }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool compute_eigenvectors_;
};

}  // namespace mlx::core
