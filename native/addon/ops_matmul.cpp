#include "binder.h"
#include "mlx/einsum.h"
#include "mlx/ops.h"

namespace mlx::addon {

using namespace core;

FunctionTable matmul_functions() {
  return {
      binary<matmul>("matmul"),
      binary<outer>("outer"),
      binary<inner>("inner"),
      bind("addmm", [](const array& c, const array& a, const array& b, float alpha, float beta,
                       StreamOrDevice s) { return addmm(c, a, b, alpha, beta, s); }),
      bind("tensordot",
           [](const array& a, const array& b, std::vector<int> axes_a, std::vector<int> axes_b,
              StreamOrDevice s) { return tensordot(a, b, axes_a, axes_b, s); }),
      binary<kron>("kron"),
      bind("vecdot", [](const array& a, const array& b, int axis,
                        StreamOrDevice s) { return vecdot(a, b, axis, s); }),
      bind("einsum", [](std::string subscripts, std::vector<array> operands,
                        StreamOrDevice s) { return einsum(subscripts, operands, s); }),
      bind("einsumPath",
           [](std::string subscripts, std::vector<array> operands) {
             return einsum_path(subscripts, operands);
           }),
      bind("gatherMm",
           [](const array& a, const array& b, std::optional<array> lhs_indices,
              std::optional<array> rhs_indices, bool sorted_indices, StreamOrDevice s) {
             return gather_mm(a, b, lhs_indices, rhs_indices, sorted_indices, s);
           }),
      bind("segmentedMm", [](const array& a, const array& b, const array& segments,
                             StreamOrDevice s) { return segmented_mm(a, b, segments, s); }),
      bind("blockMaskedMm",
           [](const array& a, const array& b, int block_size, std::optional<array> mask_out,
              std::optional<array> mask_lhs, std::optional<array> mask_rhs, StreamOrDevice s) {
             return block_masked_mm(a, b, block_size, mask_out, mask_lhs, mask_rhs, s);
           }),
  };
}

}  // namespace mlx::addon
