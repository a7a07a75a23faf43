#pragma once

#include "primitives/matrix_function.h"

namespace mlx::core {

/// The inverse of square matrices.
class Inverse : public MatrixFunction {
 public:
  using MatrixFunction::MatrixFunction;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Inverse"; }
  bool is_equivalent(const Primitive&) const override { return true; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The inverse of triangles.
class TriangularInverse : public MatrixFunction {
 public:
  TriangularInverse(Stream stream, bool upper) : MatrixFunction(stream), upper_(upper) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "TriangularInverse"; }
  bool is_equivalent(const Primitive& other) const override {
    return upper_ == static_cast<const TriangularInverse&>(other).upper_;
  }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool upper_;
};

/// inverse(a) @ b for square a and matrices b with the same batch.
class Solve : public MatrixFunction {
 public:
  using MatrixFunction::MatrixFunction;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Solve"; }
  bool is_equivalent(const Primitive&) const override { return true; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The same for a triangle of a.
class SolveTriangular : public MatrixFunction {
 public:
  SolveTriangular(Stream stream, bool upper) : MatrixFunction(stream), upper_(upper) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "SolveTriangular"; }
  bool is_equivalent(const Primitive& other) const override {
    return upper_ == static_cast<const SolveTriangular&>(other).upper_;
  }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool upper_;
};

}  // namespace mlx::core
