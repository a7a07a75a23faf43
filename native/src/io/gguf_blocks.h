#pragma once

#include "io/gguf_block_format.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// The values of a gguf file's blocks, whose bytes are the input's last axis.
class DequantizeGguf : public UnaryPrimitive {
 public:
  DequantizeGguf(Stream stream, const io::GgufBlockFormat& format)
      : UnaryPrimitive(stream), format_(format) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;

  const char* name() const override { return "DequantizeGguf"; }
  bool is_equivalent(const Primitive& other) const override {
    return format_.kind == static_cast<const DequantizeGguf&>(other).format_.kind;
  }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

 private:
  const io::GgufBlockFormat& format_;
};

/// MLX's packed weights, scales and biases of a gguf file's blocks.
class UnpackGguf : public Primitive {
 public:
  UnpackGguf(Stream stream, const io::GgufBlockFormat& format)
      : Primitive(stream), format_(format) {}

  void eval_cpu(const std::vector<array>& inputs, std::vector<array>& outputs) override;

  const char* name() const override { return "UnpackGguf"; }
  bool is_equivalent(const Primitive& other) const override {
    return format_.kind == static_cast<const UnpackGguf&>(other).format_.kind;
  }
  std::vector<Shape> output_shapes(const std::vector<array>& inputs) override;

 private:
  const io::GgufBlockFormat& format_;
};

}  // namespace mlx::core
