#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// Discrete Fourier transforms over some axes, times a scale.
class FFT : public Parametric<FFT> {
 public:
  enum class Kind {
    complex,
    /// From real numbers; the last of the axes keeps the half of the spectrum that tells it all.
    real,
    /// From such spectra back to real numbers.
    inverse_real,
  };

  /// length is that of the numbers, not of a half spectrum, along the last of the axes. Inverse
  /// transforms have the positive sign in the exponent; the kinds other than complex fix it.
  FFT(Stream stream, Kind kind, std::vector<int> axes, int length, bool inverse, float scale)
      : Parametric(stream),
        kind_(kind),
        axes_(std::move(axes)),
        length_(length),
        inverse_(inverse),
        scale_(scale) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "FFT"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {output_shape(inputs[0].shape())};
  }
  Shape output_shape(Shape input) const;
  auto parameters() const { return std::tie(kind_, axes_, length_, inverse_, scale_); }

 private:
  /// The same transform of another array.
  array apply(const array& x, std::vector<int> axes) const;

  Kind kind_;
  std::vector<int> axes_;
  int length_;
  bool inverse_;
  float scale_;
};

}  // namespace mlx::core
