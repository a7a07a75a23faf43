#include "primitives/softmax.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "mlx/ops/softmax_parts.h"

namespace mlx::core {

std::vector<NodeKind> softmax_kinds() {
  return {
      kind<LogSumExp>("LogSumExp", 1,
                      made_by([](const Arrays& in) { return logsumexp(in[0], -1); })),
      kind<LogSumExpParts>("LogSumExpParts", 1,
                           made_by([](const Arrays& in) { return logsumexp_parts(in[0], -1); })),
      kind<Softmax>("Softmax", 1, made_by([](const Arrays& in) { return softmax(in[0], -1); })),
  };
}

}  // namespace mlx::core
