#include "primitives/attention_formula.h"

#include <limits>

#include "mlx/ops.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;

/// Heads in groups that share one of keys and values: (..., key heads, group, length, features).
array grouped(const array& a, int key_heads, const Stream& s) {
  const int heads = a.shape(-3);
  return unflatten(a, -3, {key_heads, key_heads == 0 ? 0 : heads / key_heads}, s);
}

array masked(const array& scores, const array& visible, const Stream& s) {
  // The mask's own lowest number would overflow beside another dtype's.
  array lowest = scores.dtype() == float64 ? array(std::numeric_limits<double>::lowest(), float64)
                                           : array(std::numeric_limits<float>::lowest());
  return where(visible, scores, lowest, s);
}

array weights(const Arrays& inputs, const AttentionSettings& settings, const array& q,
              const array& k, const Stream& s) {
  const int key_heads = k.shape(-3), queries = q.shape(-2), keys = k.shape(-2);
  array scaled = grouped(multiply(q, array(settings.scale, q.dtype()), s), key_heads, s);
  array columns = swapaxes(expand_dims(k, -3, s), -1, -2, s);
  array scores = flatten(matmul(scaled, columns, s), -4, -3, s);
  if (settings.causal) {
    array rows = add(arange(0, queries, s), array(keys - queries), s);
    scores = masked(scores, greater_equal(expand_dims(rows, -1, s), arange(0, keys, s), s), s);
  }
  if (settings.has_mask) {
    const array& mask = inputs[3];
    scores = mask.dtype() == bool_ ? masked(scores, mask, s)
                                   : add(scores, astype(mask, scores.dtype(), s), s);
  }
  if (!settings.has_sinks) return softmax(scores, -1, true, s);
  Shape column = scores.shape(), start(scores.ndim(), 0), stop = scores.shape();
  column.back() = 1;
  array sinks = broadcast_to(expand_dims(inputs.back(), {-2, -1}, s), column, s);
  return slice(softmax(concatenate({scores, sinks}, -1, s), -1, true, s), start, stop, s);
}

}  // namespace

VectorFunction attention_formula(const AttentionSettings& settings, const Stream& stream) {
  return [settings, s = stream](const Arrays& inputs) -> Arrays {
    const Dtype dtype = inputs[0].dtype(), wide = dtype == float64 ? float64 : float32;
    array q = astype(inputs[0], wide, s), k = astype(inputs[1], wide, s);
    array v = astype(inputs[2], wide, s);
    array p = grouped(weights(inputs, settings, q, k, s), k.shape(-3), s);
    array result = flatten(matmul(p, expand_dims(v, -3, s), s), -4, -3, s);
    return {astype(result, dtype, s)};
  };
}

VectorFunction attention_gradient_formula(const AttentionSettings& settings, const Stream& stream) {
  return [settings, stream](const Arrays& inputs) -> Arrays {
    Arrays primals(inputs.begin(), inputs.end() - 1);
    auto gradients = vjp(attention_formula(settings, stream), primals, {inputs.back()}).second;
    if (settings.has_mask) gradients.erase(gradients.begin() + 3);
    return gradients;
  };
}

}  // namespace mlx::core
