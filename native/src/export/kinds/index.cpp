#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "primitives/gather.h"
#include "primitives/scatter.h"

namespace mlx::core {

template <>
inline constexpr int enumerator_count<ScatterReduction> = int(ScatterReduction::Min) + 1;

namespace {

Values gather_outputs(const Gather& node, const Arrays& in) {
  auto [axes, slice_sizes] = node.parameters();
  return same_node(node, in, {gather(in[0], Arrays(in.begin() + 1, in.end()), axes, slice_sizes)});
}

Values scatter_outputs(const Scatter& node, const Arrays& in) {
  using Operation =
      array (*)(const array&, const Arrays&, const array&, const std::vector<int>&, StreamOrDevice);
  auto [reduction, axes] = node.parameters();
  Operation operation = reduction == ScatterReduction::None   ? static_cast<Operation>(scatter)
                        : reduction == ScatterReduction::Sum  ? static_cast<Operation>(scatter_add)
                        : reduction == ScatterReduction::Prod ? static_cast<Operation>(scatter_prod)
                        : reduction == ScatterReduction::Max  ? static_cast<Operation>(scatter_max)
                                                              : static_cast<Operation>(scatter_min);
  Arrays indices(in.begin() + 1, in.end() - 1);
  return same_node(node, in, {operation(in[0], indices, in.back(), axes, {})});
}

Values scatter_axis_outputs(const ScatterAxis& node, const Arrays& in) {
  auto [reduction, axis] = node.parameters();
  require(reduction == ScatterReduction::None || reduction == ScatterReduction::Sum,
          "a way to scatter along an axis");
  auto* operation = reduction == ScatterReduction::Sum ? scatter_add_axis : put_along_axis;
  return same_node(node, in, {operation(in[0], in[1], in[2], axis, {})});
}

}  // namespace

std::vector<NodeKind> index_kinds() {
  return {
      kind<Gather>("Gather", {1, any_number}, gather_outputs),
      kind<GatherAxis>("GatherAxis", 2, made_by([](const Arrays& in, int axis) {
                         return take_along_axis(in[0], in[1], axis);
                       })),
      kind<Scatter>("Scatter", {2, any_number}, scatter_outputs),
      kind<ScatterAxis>("ScatterAxis", 3, scatter_axis_outputs),
  };
}

}  // namespace mlx::core
