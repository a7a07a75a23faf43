#pragma once

#include <memory>
#include <vector>

#include "io/byte_source.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// An array whose bytes stand in a file, row-major and little-endian unless they are swapped.
class Load : public UnaryPrimitive {
 public:
  Load(Stream stream, std::shared_ptr<const io::ByteSource> source, uint64_t offset, Shape shape,
       bool swap_endianness = false)
      : UnaryPrimitive(stream),
        source_(std::move(source)),
        offset_(offset),
        shape_(std::move(shape)),
        swap_endianness_(swap_endianness) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;

  const char* name() const override { return "Load"; }
  bool is_equivalent(const Primitive& other) const override {
    auto& o = static_cast<const Load&>(other);
    return source_ == o.source_ && offset_ == o.offset_ && shape_ == o.shape_ &&
           swap_endianness_ == o.swap_endianness_;
  }
  std::vector<Shape> output_shapes(const std::vector<array>&) override { return {shape_}; }

 private:
  std::shared_ptr<const io::ByteSource> source_;
  uint64_t offset_;
  Shape shape_;
  bool swap_endianness_;
};

}  // namespace mlx::core
