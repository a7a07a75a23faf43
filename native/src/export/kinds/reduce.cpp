#include <algorithm>

#include "array/dtype_table.h"
#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "primitives/reduce.h"

namespace mlx::core {

template <>
inline constexpr int enumerator_count<Reduce::ReduceType> = Reduce::Max + 1;
template <>
inline constexpr int enumerator_count<ArgReduce::ReduceType> = ArgReduce::ArgMax + 1;

namespace {

Values reduce_outputs(const Reduce& node, const Arrays& in) {
  auto [type, axes, keepdims, result] = node.parameters();
  Dtype dtype = result;
  auto total = [&](const array& sum) {
    // Totals of half types are made in float32, which some operations leave for others to round.
    bool is_wide = dtype == float32 && is_half(in[0].dtype());
    require(dtype == sum.dtype() || is_wide, "the dtype of a total");
    return Values{{sum.shape(), dtype}};
  };
  require(!axes.empty() && std::is_sorted(axes.begin(), axes.end()) && axes[0] >= 0, "the axes");
  switch (type) {
    case Reduce::And:
      return same_node(node, in, {all(in[0], axes, keepdims)});
    case Reduce::Or:
      return same_node(node, in, {any(in[0], axes, keepdims)});
    case Reduce::Min:
      return same_node(node, in, {min(in[0], axes, keepdims)});
    case Reduce::Max:
      return same_node(node, in, {max(in[0], axes, keepdims)});
    case Reduce::Sum:
      return total(sum(in[0], axes, keepdims));
    case Reduce::Prod:
      return total(prod(in[0], axes, keepdims));
  }
  throw std::invalid_argument("the kind of a reduction");
}

Values arg_reduce_outputs(const ArgReduce& node, const Arrays& in) {
  auto [type, axis, keepdims] = node.parameters();
  array made =
      type == ArgReduce::ArgMin ? argmin(in[0], axis, keepdims) : argmax(in[0], axis, keepdims);
  return same_node(node, in, {made});
}

}  // namespace

std::vector<NodeKind> reduce_kinds() {
  return {
      kind<ArgReduce>("ArgReduce", 1, arg_reduce_outputs),
      kind<Reduce>("Reduce", 1, reduce_outputs),
  };
}

}  // namespace mlx::core
