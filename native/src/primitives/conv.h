#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"

namespace mlx::core {

/// A convolution's parameters, one value for each spatial axis. Negative padding crops.
struct ConvolutionParameters {
  std::vector<int> stride, padding_lo, padding_hi, kernel_dilation, input_dilation;
  int groups = 1;
  /// Turns the kernel around.
  bool flip = false;

  bool operator==(const ConvolutionParameters&) const = default;
};

/// inputs[0] (n, spatial..., c_in) with the kernels inputs[1] (c_out, kernel..., c_in / groups).
class Convolution : public Parametric<Convolution> {
 public:
  Convolution(Stream stream, ConvolutionParameters parameters)
      : Parametric(stream), parameters_(std::move(parameters)) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Convolution"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(parameters_); }

 private:
  ConvolutionParameters parameters_;
};

/// The gradient of a convolution for its weight: inputs[0] is its input, inputs[1] the cotangent of
/// its output. Linear in both.
class ConvolutionWeightGradient : public Parametric<ConvolutionWeightGradient> {
 public:
  ConvolutionWeightGradient(Stream stream, ConvolutionParameters parameters, Shape weight_shape)
      : Parametric(stream),
        parameters_(std::move(parameters)),
        weight_shape_(std::move(weight_shape)) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "ConvolutionWeightGradient"; }
  std::vector<Shape> output_shapes(const std::vector<array>&) override { return {weight_shape_}; }
  auto parameters() const { return std::tie(parameters_, weight_shape_); }

 private:
  ConvolutionParameters parameters_;
  Shape weight_shape_;
};

/// The elements that n elements with a step span, the gaps between them included.
constexpr int64_t extent(int n, int step) { return n == 0 ? 0 : int64_t(n - 1) * step + 1; }

/// The number as a size or padding; ShapeError for one that is out of their range.
int checked_size(int64_t size);

/// The sizes a convolution of these shapes has; ShapeError where the kernel does not fit.
Shape convolution_shape(const Shape& input, const Shape& weight,
                        const ConvolutionParameters& parameters);

}  // namespace mlx::core
