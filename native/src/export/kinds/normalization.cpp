#include "primitives/normalization.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/fast.h"

namespace mlx::core {

template <>
inline constexpr int enumerator_count<NormalizationKind> = int(NormalizationKind::layer) + 1;

namespace {

Values normalization_outputs(const Normalization& node, const Arrays& in) {
  auto [kind, eps] = node.parameters();
  bool is_layer = kind == NormalizationKind::layer;
  require(in.size() == (is_layer ? 3u : 2u), "the inputs of a normalization");
  array made =
      is_layer ? fast::layer_norm(in[0], in[1], in[2], eps) : fast::rms_norm(in[0], in[1], eps);
  return same_node(node, in, {made}, Parameters::free);
}

Values gradient_outputs(const NormalizationGradient& node, const Arrays& in) {
  auto [kind, eps] = node.parameters();
  array result = fast::rms_norm(in[0], in[1], eps);
  for (auto& a : in) require(a.dtype() == result.dtype(), "the dtypes of a normalization");
  require(in[2].shape() == in[0].shape(), "the gradient of a normalization");
  Values values = values_of({in[0], in[1]});
  if (kind == NormalizationKind::layer) values.push_back(value_of(in[1]));
  return values;
}

}  // namespace

std::vector<NodeKind> normalization_kinds() {
  return {
      kind<Normalization>("Normalization", {2, 3}, normalization_outputs),
      kind<NormalizationGradient>("NormalizationGradient", 3, gradient_outputs),
  };
}

}  // namespace mlx::core
