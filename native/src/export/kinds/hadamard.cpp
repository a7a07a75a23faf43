#include "primitives/hadamard.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"

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
