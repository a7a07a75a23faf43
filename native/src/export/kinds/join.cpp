#include "primitives/join.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"

namespace mlx::core {

std::vector<NodeKind> join_kinds() {
  return {
      kind<Concatenate>("Concatenate", {1, any_number},
                        made_by([](const Arrays& in, int axis) { return concatenate(in, axis); })),
      kind<Pad>("Pad", 2,
                made_by([](const Arrays& in, const Axes& axes, const Shape& low,
                           const Shape& high) { return pad(in[0], axes, low, high, in[1]); })),
      kind<Split>("Split", 1, made_by([](const Arrays& in, const Shape& indices, int axis) {
                    return split(in[0], indices, axis);
                  })),
  };
}

}  // namespace mlx::core
