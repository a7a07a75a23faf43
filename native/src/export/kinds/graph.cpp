#include "primitives/graph.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"

namespace mlx::core {
namespace {

Values depends_outputs(const Depends& node, const Arrays& in) {
  auto [outputs] = node.parameters();
  require(outputs > 0 && outputs <= in.size(), "the number of outputs");
  return values_of(Arrays(in.begin(), in.begin() + std::ptrdiff_t(outputs)));
}

}  // namespace

std::vector<NodeKind> graph_kinds() {
  return {
      kind<Contiguous>("Contiguous", 1, made_by([](const Arrays& in, bool either) {
                         return contiguous(in[0], either);
                       })),
      kind<Copy>("Copy", 1, made_by([](const Arrays& in) { return copy(in[0]); })),
      kind<Depends>("Depends", {1, any_number}, depends_outputs),
      kind<StopGradient>("StopGradient", 1,
                         made_by([](const Arrays& in) { return stop_gradient(in[0]); })),
  };
}

}  // namespace mlx::core
