#include "primitives/selective_matmul.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"

namespace mlx::core {
namespace {

Values segmented_mm_adjoint_outputs(const SegmentedMMAdjoint&, const Arrays& in) {
  const array &c = in[0], &b = in[1];
  require(c.ndim() == 3 && b.ndim() == 2 && c.shape(2) == b.shape(1) && c.dtype() == b.dtype(),
          "the matrices of segments");
  array left = stand_in({c.shape(1), b.shape(0)}, c.dtype());
  array product = segmented_mm(left, b, in[2]);
  require(in[2].ndim() == 2 && product.shape() == c.shape() && product.dtype() == c.dtype(),
          "the segments");
  return {value_of(left)};
}

}  // namespace

std::vector<NodeKind> selective_matmul_kinds() {
  return {
      kind<BlockMaskedMM>("BlockMaskedMM", 5, made_by([](const Arrays& in, int block) {
                            return block_masked_mm(in[0], in[1], block, in[2], in[3], in[4]);
                          })),
      kind<GatherMM>("GatherMM", 4, made_by([](const Arrays& in, bool ascends) {
                       return gather_mm(in[0], in[1], in[2], in[3], ascends);
                     })),
      kind<SegmentedMM>("SegmentedMM", 3, made_by([](const Arrays& in) {
                          return segmented_mm(in[0], in[1], in[2]);
                        })),
      kind<SegmentedMMAdjoint>("SegmentedMMAdjoint", 3, segmented_mm_adjoint_outputs),
  };
}

}  // namespace mlx::core
