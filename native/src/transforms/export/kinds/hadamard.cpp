#include "primitives/hadamard.h"

#include "mlx/ops.h"
#include "transforms/export/kinds/families.h"
#include "transforms/export/node_rule.h"

namespace mlx::core {

std::vector<NodeKind> hadamard_kinds() {
  return {
      kind<Hadamard>("Hadamard", 1,
                     made_by([](const Arrays& in, float scale,
                                bool) { return hadamard_transform(in[0], scale); },
                             Parameters::free)),
  };
}

}  // namespace mlx::core
