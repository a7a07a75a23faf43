#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// The unsigned integer of 1, 2 or 4 bytes.
inline Dtype random_bits_dtype(int width) {
  return width == 1 ? uint8 : width == 2 ? uint16 : uint32;
}

/// Random bits in integers of some bytes' width, of the given shape for each key (a pair of uint32
/// along the last axis).
class RandomBits : public Parametric<RandomBits> {
 public:
  RandomBits(Stream stream, Shape shape, int width)
      : Parametric(stream), shape_(std::move(shape)), width_(width) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "RandomBits"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(shape_, width_); }

 private:
  Shape shape_;
  int width_;
};

/// Draws from categories by inverting their cumulative weights. Inputs are weights (..., n) and
/// numbers in [0, 1) (..., m); the result (..., m) holds category numbers in uint32.
class CategoricalSearch : public Parametric<CategoricalSearch> {
 public:
  using Parametric::Parametric;

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "CategoricalSearch"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[1].shape()};
  }
  std::tuple<> parameters() const { return {}; }
};

}  // namespace mlx::core
