#pragma once

#include <tuple>
#include <vector>

#include "mlx/primitives.h"
#include "primitives/quantization.h"

namespace mlx::core {

/// Throws where a derivative is asked with respect to a part of a quantized matrix that is codes:
/// part 0, and the scales, part 1, of all modes but affine.
void require_number(const char* op, const Quantization& format, int part);

/// Codes, scales, and in the mode affine biases, of inputs[0]. inputs[1], if there is one, is the
/// scale of all of nvfp4 in float32. Codes and scales change in steps: there is no derivative.
class Quantize : public Parametric<Quantize, Primitive> {
 public:
  Quantize(Stream stream, QuantizationMode mode, int group_size, int bits)
      : Parametric(stream), format_{mode, group_size, bits} {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;
  void eval_gpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Quantize"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(format_.mode, format_.group_size, format_.bits); }

  static std::vector<array> make(const std::vector<array>& inputs, const Quantization& format,
                                 const Stream& stream);

 private:
  Quantization format_;
};

/// The numbers that codes (inputs[0]), scales, and in the mode affine biases stand for.
class Dequantize : public Parametric<Dequantize> {
 public:
  Dequantize(Stream stream, QuantizationMode mode, int group_size, int bits, Dtype dtype)
      : Parametric(stream), format_{mode, group_size, bits}, dtype_(dtype) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "Dequantize"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const {
    return std::tie(format_.mode, format_.group_size, format_.bits, dtype_);
  }

  static array make(const std::vector<array>& inputs, const Quantization& format, Dtype dtype,
                    const Stream& stream);

 private:
  Quantization format_;
  Dtype dtype_;
};

/// Numbers rounded to what a quantized array of them holds. The input is rows, and then maybe the
/// scale of all of nvfp4. Derivatives take it for the identity (Bengio et al., arXiv 1308.3432).
class QuantizedRounding : public Parametric<QuantizedRounding> {
 public:
  QuantizedRounding(Stream stream, QuantizationMode mode, int group_size, int bits)
      : Parametric(stream), format_{mode, group_size, bits} {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "QuantizedRounding"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const { return std::tie(format_.mode, format_.group_size, format_.bits); }

 private:
  Quantization format_;
};

/// E4M3 codes of floating numbers in uint8, or the numbers of codes in a floating dtype.
class ConvertFP8 : public Parametric<ConvertFP8> {
 public:
  ConvertFP8(Stream stream, Dtype dtype) : Parametric(stream), dtype_(dtype) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;
  void eval_gpu(const std::vector<array>& inputs, array& output) override;

  std::vector<array> jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                         const std::vector<int>& argnums) override;
  std::vector<array> vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                         const std::vector<int>& argnums,
                         const std::vector<array>& outputs) override;
  std::pair<std::vector<array>, std::vector<int>> vmap(const std::vector<array>& inputs,
                                                       const std::vector<int>& axes) override;
  const char* name() const override { return "ConvertFP8"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override {
    return {inputs[0].shape()};
  }
  auto parameters() const { return std::tie(dtype_); }

 private:
  /// Of the result.
  Dtype dtype_;
};

}  // namespace mlx::core
