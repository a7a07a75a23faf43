#include "primitives/scan.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "primitives/linear_recurrence.h"

namespace mlx::core {

template <>
inline constexpr int enumerator_count<Scan::ReduceType> = Scan::LogAddExp + 1;

namespace {

Values scan_outputs(const Scan& node, const Arrays& in) {
  using Operation = array (*)(const array&, int, bool, bool, StreamOrDevice);
  auto [type, axis, reverse, inclusive] = node.parameters();
  Operation operation = type == Scan::Max    ? static_cast<Operation>(cummax)
                        : type == Scan::Min  ? static_cast<Operation>(cummin)
                        : type == Scan::Sum  ? static_cast<Operation>(cumsum)
                        : type == Scan::Prod ? static_cast<Operation>(cumprod)
                                             : static_cast<Operation>(logcumsumexp);
  return same_node(node, in, {operation(in[0], axis, reverse, inclusive, {})});
}

Values recurrence_outputs(const LinearRecurrence& node, const Arrays& in) {
  auto [axis, reverse] = node.parameters();
  return same_node(node, in, {linear_recurrence(in[0], in[1], axis, reverse, node.stream())});
}

}  // namespace

std::vector<NodeKind> scan_kinds() {
  return {
      kind<LinearRecurrence>("LinearRecurrence", 2, recurrence_outputs),
      kind<Scan>("Scan", 1, scan_outputs),
  };
}

}  // namespace mlx::core
