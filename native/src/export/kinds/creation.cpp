#include <cmath>

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "primitives/creation.h"

namespace mlx::core {
namespace {

Values arange_outputs(const Arange& node, const Arrays&, Dtype dtype) {
  auto [start, step, size] = node.parameters();
  require(size >= 0 && dtype != bool_ && std::isfinite(start) && std::isfinite(start + step * size),
          "the numbers of a range");
  return {{Shape{size}, dtype}};
}

Values eye_outputs(const Eye& node, const Arrays& in, Dtype dtype) {
  auto [rows, columns, diagonal] = node.parameters();
  return same_node(node, in, {eye(rows, columns, diagonal, dtype)});
}

Values number_of_elements_outputs(const NumberOfElements& node, const Arrays& in) {
  auto [axes, inverted, dtype] = node.parameters();
  for (int axis : axes) require(axis >= 0 && axis < int(in[0].ndim()), "an axis");
  return {{Shape{}, dtype}};
}

}  // namespace

std::vector<NodeKind> creation_kinds() {
  return {
      kind<Arange>("Arange", 0, arange_outputs),
      kind<Eye>("Eye", 0, eye_outputs),
      kind<NumberOfElements>("NumberOfElements", 1, number_of_elements_outputs),
  };
}

}  // namespace mlx::core
