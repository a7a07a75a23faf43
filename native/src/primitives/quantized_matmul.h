#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"
#include "primitives/quantization.h"

namespace mlx::core {

/// x @ w^T, or x @ w, for quantized w. Inputs: x (..., m, k), codes, scales, and in the mode affine
/// biases, all with the same axes before the last two; x, scales and biases of affine have one
/// dtype.
class QuantizedMatmul : public Parametric<QuantizedMatmul> {
 public:
  QuantizedMatmul(Stream stream, QuantizationMode mode, int group_size, int bits, bool transpose)
      : Parametric(stream), format_{mode, group_size, bits}, transpose_(transpose) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "QuantizedMatmul"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const {
    return std::tie(format_.mode, format_.group_size, format_.bits, transpose_);
  }

  static array make(const std::vector<array>& inputs, const Quantization& format, bool transpose,
                    const Stream& stream);

 private:
  Quantization format_;
  bool transpose_;
};

/// The same for matrices chosen by indices. Inputs: x, codes, scales, maybe biases, whose axes
/// before the last two may differ between x and the others; then indices into those of x and into
/// those of w, in int32 and of one shape.
class GatherQMM : public Parametric<GatherQMM> {
 public:
  GatherQMM(Stream stream, QuantizationMode mode, int group_size, int bits, bool transpose)
      : Parametric(stream), format_{mode, group_size, bits}, transpose_(transpose) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "GatherQMM"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const {
    return std::tie(format_.mode, format_.group_size, format_.bits, transpose_);
  }

  static array make(const std::vector<array>& inputs, const Quantization& format, bool transpose,
                    const Stream& stream);

 private:
  Quantization format_;
  bool transpose_;
};

}  // namespace mlx::core
