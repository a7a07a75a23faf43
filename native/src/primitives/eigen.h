#pragma once

#include "primitives/matrix_function.h"

namespace mlx::core {

/// Eigenvalues, and eigenvectors if wanted, of Hermitian matrices.
class Eigh : public MatrixFunction {
 public:
  Eigh(Stream stream, bool upper, bool compute_eigenvectors)
      : MatrixFunction(stream), upper_(upper), compute_eigenvectors_(compute_eigenvectors) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Eigh"; }
  bool is_equivalent(const Primitive& other) const override {
    auto& same = static_cast<const Eigh&>(other);
    return upper_ == same.upper_ && compute_eigenvectors_ == same.compute_eigenvectors_;
  }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool upper_;
  bool compute_eigenvectors_;
};

/// Eigenvalues, and eigenvectors if wanted, of any square matrices, in complex64.
class Eig : public MatrixFunction {
 public:
  Eig(Stream stream, bool compute_eigenvectors)
      : MatrixFunction(stream), compute_eigenvectors_(compute_eigenvectors) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Eig"; }
  bool is_equivalent(const Primitive& other) const override {
    return compute_eigenvectors_ == static_cast<const Eig&>(other).compute_eigenvectors_;
  }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool compute_eigenvectors_;
};

}  // namespace mlx::core
