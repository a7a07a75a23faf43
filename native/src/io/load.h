#pragma once

#include <memory>
#include <vector>

#include "io/byte_source.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// An array whose bytes stand in a file, row-major and little-endian unless they are swapped.
class Load : public Parametric<Load> {
 public:
  Load(Stream stream, std::shared_ptr<const io::ByteSource> source, uint64_t offset, Shape shape,
       bool swap_endianness = false)
      : Parametric(stream),
        source_(std::move(source)),
        offset_(offset),
        shape_(std::move(shape)),
        swap_endianness_(swap_endianness) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;

  const char* name() const override { return "Load"; }
  std::vector<Shape> output_shapes(const std::vector<array>&) override { return {shape_}; }
  auto parameters() const { return std::tie(source_, offset_, shape_, swap_endianness_); }

 private:
  std::shared_ptr<const io::ByteSource> source_;
  uint64_t offset_;
  Shape shape_;
  bool swap_endianness_;
};

}  // namespace mlx::core
