#include "cpu/conv/conv.h"

#include <algorithm>

#include "cpu/conv/geometry.h"

namespace mlx::core::cpu {
namespace {

bool is_empty(std::span<const int32_t> shape) {
  return std::find(shape.begin(), shape.end(), 0) != shape.end();
}

bool has_products(Dtype dtype) { return dtype == float32 || dtype == float16 || dtype == bfloat16; }

}  // namespace

void conv_forward(const StridedInput& input, const StridedInput& weight,
                  const ConvGeometry& geometry, const StridedOutput& output) {
  if (is_empty(output.shape)) return;
  Geometry sizes(input.shape, weight.shape, geometry, output.shape);
  auto& run = has_products(output.dtype) ? conv_im2col : conv_direct;
  run(input, weight, sizes, output);
}

void conv_weight_gradient(const StridedInput& input, const StridedInput& cotangent,
                          const ConvGeometry& geometry, const StridedOutput& weight_gradient) {
  if (is_empty(weight_gradient.shape)) return;
  Geometry sizes(input.shape, weight_gradient.shape, geometry, cotangent.shape);
  auto& run = has_products(weight_gradient.dtype) ? weight_gradient_im2col : weight_gradient_direct;
  run(input, cotangent, sizes, weight_gradient);
}

}  // namespace mlx::core::cpu
