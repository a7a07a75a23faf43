#pragma once

#include "io/gguf_block_format.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// The values of a gguf file's blocks, whose bytes are the input's last axis.
class DequantizeGguf : public Parametric<DequantizeGguf> {
 public:
  DequantizeGguf(Stream stream, const io::GgufBlockFormat& format)
      : Parametric(stream), format_(format) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;

  const char* name() const override { return "DequantizeGguf"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(format_.kind); }

 private:
  const io::GgufBlockFormat& format_;
};

/// MLX's packed weights, scales and biases of a gguf file's blocks.
class UnpackGguf : public Parametric<UnpackGguf, Primitive> {
 public:
  UnpackGguf(Stream stream, const io::GgufBlockFormat& format)
      : Parametric(stream), format_(format) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  const char* name() const override { return "UnpackGguf"; }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;
  auto parameters() const { return std::tie(format_.kind); }

 private:
  const io::GgufBlockFormat& format_;
};

}  // namespace mlx::core
