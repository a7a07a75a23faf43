#pragma once

#include <tuple>

#include "primitives/matrix_function.h"

namespace mlx::core {

/// The inverse of square matrices.
class Inverse : public Parametric<Inverse, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Inverse"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The inverse of triangles.
class TriangularInverse : public Parametric<TriangularInverse, MatrixFunction> {
 public:
  TriangularInverse(Stream stream, bool upper) : Parametric(stream), upper_(upper) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "TriangularInverse"; }
  auto parameters() const { return std::tie(upper_); }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool upper_;
};

/// inverse(a) @ b for square a and matrices b with the same batch.
class Solve : public Parametric<Solve, MatrixFunction> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "Solve"; }
  std::tuple<> parameters() const { return {}; }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;
};

/// The same for a triangle of a.
class SolveTriangular : public Parametric<SolveTriangular, MatrixFunction> {
 public:
  SolveTriangular(Stream stream, bool upper) : Parametric(stream), upper_(upper) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  const char* name() const override { return "SolveTriangular"; }
  auto parameters() const { return std::tie(upper_); }

 protected:
  std::vector<array> apply(const std::vector<array>& inputs) override;

 private:
  bool upper_;
};

}  // namespace mlx::core
