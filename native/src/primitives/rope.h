#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// Which features a rotary embedding pairs, and how positions become angles.
struct RopeSettings {
  /// How many of the features turn; an even number.
  int dims;
  /// Pairs are neighbours; otherwise they lie dims / 2 apart.
  bool traditional;
  /// Frequencies are its powers, unless they are an input.
  float base;
  float scale;
  bool has_frequencies;
};

/// Turns pairs of features of inputs[0] (..., length, features). inputs[1] has the position of the
/// first vector in int32, with the shape of the axes before the last two; inputs[2], if there is
/// one, the frequencies (dims / 2) in float32. The inverse turns back.
class RoPE : public Parametric<RoPE> {
 public:
  RoPE(Stream stream, const RopeSettings& settings, bool inverse)
      : Parametric(stream), settings_(settings), inverse_(inverse) {}
  RoPE(Stream stream, int dims, bool traditional, float base, float scale, bool has_frequencies,
       bool inverse)
      : RoPE(stream, {dims, traditional, base, scale, has_frequencies}, inverse) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "RoPE"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const {
    return std::tie(settings_.dims, settings_.traditional, settings_.base, settings_.scale,
                    settings_.has_frequencies, inverse_);
  }

 private:
  array turned(std::vector<array> inputs, const array& x, bool inverse) const;
  array angle_slopes(const std::vector<array>& inputs) const;

  RopeSettings settings_;
  bool inverse_;
};

}  // namespace mlx::core
