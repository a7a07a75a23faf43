#include "io/gguf_blocks.h"

namespace mlx::core {

std::vector<Shape> DequantizeGguf::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  shape.pop_back();
  shape.back() *= ShapeElem(format_.values);
  return {shape};
}

std::vector<Shape> UnpackGguf::output_shapes(const std::vector<array>& inputs) {
  Shape scales = inputs[0].shape();
  scales.pop_back();
  Shape packed = scales;
  packed.back() *= ShapeElem(format_.values) * format_.affine_bits / 32;
  return {packed, scales, scales};
}

}  // namespace mlx::core
