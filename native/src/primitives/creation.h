#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// start + i * step.
class Arange : public Parametric<Arange> {
 public:
  Arange(Stream stream, double start, double step, int size)
      : Parametric(stream), start_(start), step_(step), size_(size) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Arange"; }
  std::vector<Shape> output_shapes(const std::vector<array>&) override { return {{size_}}; }
  auto parameters() const { return std::tie(start_, step_, size_); }

 private:
  double start_, step_;
  int size_;
};

/// Ones on a diagonal of a matrix of zeros.
class Eye : public Parametric<Eye> {
 public:
  Eye(Stream stream, int rows, int columns, int diagonal)
      : Parametric(stream), rows_(rows), columns_(columns), diagonal_(diagonal) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;
  const char* name() const override { return "Eye"; }
  std::vector<Shape> output_shapes(const std::vector<array>&) override {
    return {{rows_, columns_}};
  }
  auto parameters() const { return std::tie(rows_, columns_, diagonal_); }

 private:
  int rows_, columns_, diagonal_;
};

/// The product of some sizes, for shapeless traces.
class NumberOfElements : public Parametric<NumberOfElements> {
 public:
  NumberOfElements(Stream stream, std::vector<int> axes, bool inverted, Dtype dtype)
      : Parametric(stream), axes_(std::move(axes)), inverted_(inverted), dtype_(dtype) {}

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
  const char* name() const override { return "NumberOfElements"; }
  std::vector<Shape> output_shapes(const std::vector<array>&) override { return {{}}; }
  auto parameters() const { return std::tie(axes_, inverted_, dtype_); }

 private:
  std::vector<int> axes_;
  bool inverted_;
  Dtype dtype_;
};

}  // namespace mlx::core
