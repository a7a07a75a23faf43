#include "mlx/ops.h"
#include "primitives/mapped_axis.h"
#include "primitives/selective_matmul.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

array turned(const array& a, const Stream& s) { return swapaxes(a, -1, -2, s); }

}  // namespace

std::vector<array> BlockMaskedMM::jvp(const std::vector<array>& primals,
                                      const std::vector<array>& tangents,
                                      const std::vector<int>& argnums) {
  array total = zeros(output_shapes(primals)[0], primals[0].dtype(), stream());
  bool is_first = true;
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] > 1) refuse_derivative("block_masked_mm", "boolean masks");
    array part = block_masked_mm(argnums[i] == 0 ? tangents[i] : primals[0],
                                 argnums[i] == 1 ? tangents[i] : primals[1], block_size_,
                                 primals[2], primals[3], primals[4], stream());
    total = is_first ? part : add(total, part, stream());
    is_first = false;
  }
  return {total};
}

std::vector<array> BlockMaskedMM::vjp(const std::vector<array>& primals,
                                      const std::vector<array>& cotangents,
                                      const std::vector<int>& argnums, const std::vector<array>&) {
  const Stream& s = stream();
  const array &a = primals[0], &b = primals[1], &g = cotangents[0];
  const array &mask_out = primals[2], &mask_a = primals[3], &mask_b = primals[4];
  std::vector<array> results;
  for (int argnum : argnums) {
    // The masks change places with the matrices.
    if (argnum == 0)
      results.push_back(block_masked_mm(g, conjugate(turned(b, s), s), block_size_, mask_a,
                                        mask_out, turned(mask_b, s), s));
    else if (argnum == 1)
      results.push_back(block_masked_mm(conjugate(turned(a, s), s), g, block_size_, mask_b,
                                        turned(mask_a, s), mask_out, s));
    else
      refuse_derivative("block_masked_mm", "boolean masks");
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> BlockMaskedMM::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  // The operation broadcasts what isn't mapped.
  std::vector<array> moved;
  for (size_t i = 0; i < inputs.size(); ++i)
    moved.push_back(mapped_axis_first(inputs[i], axes[i], stream()));
  array product =
      block_masked_mm(moved[0], moved[1], block_size_, moved[2], moved[3], moved[4], stream());
  return {{product}, {0}};
}

std::vector<Shape> BlockMaskedMM::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  shape.back() = inputs[1].shape(-1);
  return {shape};
}

}  // namespace mlx::core
