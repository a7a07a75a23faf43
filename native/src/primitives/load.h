#pragma once

#include <memory>
#include <vector>

#include "io/file_reader.h"
#include "mlx/primitives.h"

namespace mlx::core {

/// An array whose bytes stand in a file, row-major and little-endian.
class Load : public UnaryPrimitive {
 public:
  Load(Stream stream, std::shared_ptr<const io::FileReader> file, uint64_t offset, Shape shape)
      : UnaryPrimitive(stream), file_(std::move(file)), offset_(offset), shape_(std::move(shape)) {}

  void eval_cpu(const std::vector<array>& inputs, array& output) override;

  const char* name() const override { return "Load"; }
  bool is_equivalent(const Primitive& other) const override {
    auto& o = static_cast<const Load&>(other);
    return file_ == o.file_ && offset_ == o.offset_ && shape_ == o.shape_;
  }
  std::vector<Shape> output_shapes(const std::vector<array>&) override { return {shape_}; }

 private:
  std::shared_ptr<const io::FileReader> file_;
  uint64_t offset_;
  Shape shape_;
};

}  // namespace mlx::core
