#include "primitives/attention.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"

namespace mlx::core {
namespace {

/// Inputs of attention, then maybe others.
array attention_result(const AttentionSettings& settings, const Arrays& in, size_t others) {
  require(in.size() == 3 + size_t(settings.has_mask) + size_t(settings.has_sinks) + others,
          "the inputs of attention");
  const array &q = in[0], &k = in[1], &v = in[2];
  Shape batch = leading(q.shape(), 3);
  require(issubdtype(q.dtype(), floating) && k.dtype() == q.dtype() && v.dtype() == q.dtype(),
          "the dtypes of attention");
  require(k.ndim() == q.ndim() && v.ndim() == q.ndim() && leading(k.shape(), 3) == batch &&
              leading(v.shape(), 3) == batch,
          "the batches of attention");
  int heads = q.shape(-3), key_heads = k.shape(-3);
  require(v.shape(-3) == key_heads && v.shape(-2) == k.shape(-2) && q.shape(-1) == k.shape(-1) &&
              (key_heads == 0 ? heads == 0 : heads % key_heads == 0),
          "the shapes of attention");
  if (settings.has_mask)
    require(in[3].shape() == joined(batch, {heads, q.shape(-2), k.shape(-2)}) &&
                (in[3].dtype() == bool_ || in[3].dtype() == q.dtype()),
            "the mask of attention");
  if (settings.has_sinks) {
    const array& sinks = in[3 + size_t(settings.has_mask)];
    require(sinks.shape() == joined(batch, {heads}) &&
                sinks.dtype() == (q.dtype() == float64 ? float64 : float32),
            "the sinks of attention");
  }
  return stand_in(joined(batch, {heads, q.shape(-2), v.shape(-1)}), q.dtype());
}

Values attention_outputs(const Attention& node, const Arrays& in) {
  auto [scale, causal, has_mask, has_sinks] = node.parameters();
  return {value_of(attention_result({scale, causal, has_mask, has_sinks}, in, 0))};
}

Values gradient_outputs(const AttentionGradient& node, const Arrays& in) {
  auto [scale, causal, has_mask, has_sinks] = node.parameters();
  array result = attention_result({scale, causal, has_mask, has_sinks}, in, 2);
  for (size_t i : {in.size() - 2, in.size() - 1})
    require(in[i].shape() == result.shape() && in[i].dtype() == result.dtype(),
            "the gradient of attention");
  Values values = values_of({in[0], in[1], in[2]});
  if (has_sinks) values.push_back(value_of(in[has_mask ? 4 : 3]));
  return values;
}

}  // namespace

std::vector<NodeKind> attention_kinds() {
  return {
      kind<Attention>("ScaledDotProductAttention", {3, 5}, attention_outputs),
      kind<AttentionGradient>("ScaledDotProductAttentionGradient", {5, 7}, gradient_outputs),
  };
}

}  // namespace mlx::core
