#include "primitives/elementwise.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

Values elementwise_outputs(const Elementwise& node, const Arrays& in) {
  ElementwiseOp op = node.op();
  Dtype dtype = in.back().dtype();
  require(op != ElementwiseOp::Cast && in.size() == size_t(arity(op)), "the inputs' number");
  require(op != ElementwiseOp::Select || in[0].dtype() == bool_, "the dtype of a condition");
  for (size_t i = op == ElementwiseOp::Select; i < in.size(); ++i)
    require(in[i].dtype() == dtype, "the inputs' dtypes");
  require(is_same_shape(in), "the inputs' shapes");
  Dtype result = elementwise_result_type(op, dtype);
  require(elementwise_supports(op, dtype), "the inputs' dtype");
  return {{in[0].shape(), result}};
}

}  // namespace

std::vector<NodeKind> elementwise_kinds() {
  return {
      kind<AsType>("AsType", 1,
                   made_by([](const Arrays& in, Dtype dtype) { return astype(in[0], dtype); })),
      kind<Elementwise>("Elementwise", {1, 3}, elementwise_outputs),
  };
}

}  // namespace mlx::core
