#include "primitives/attention.h"

#include "mlx/fast.h"
#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::core::fast {
namespace {

constexpr const char* kName = "[scaled_dot_product_attention] ";

void check_shapes(const array& q, const array& k, const array& v) {
  for (auto* a : {&q, &k, &v})
    if (a->ndim() != 4)
      throw ShapeError(concat_text(kName, "Expected queries, keys and values with 4 axes (batch, ",
                                   "heads, length, features) but received shape ", a->shape(),
                                   "."));
  const bool fits = q.shape(0) == k.shape(0) && q.shape(0) == v.shape(0) &&
                    k.shape(1) == v.shape(1) && k.shape(2) == v.shape(2) &&
                    q.shape(3) == k.shape(3);
  if (!fits)
    throw ShapeError(concat_text(kName, "The shapes ", q.shape(), " of queries, ", k.shape(),
                                 " of keys and ", v.shape(), " of values don't fit: batches must ",
                                 "agree, heads and lengths of keys and values, and features of ",
                                 "queries and keys."));
  const bool groups = k.shape(1) == 0 ? q.shape(1) == 0 : q.shape(1) % k.shape(1) == 0;
  if (!groups)
    throw ShapeError(concat_text(kName, "The ", q.shape(1), " heads of queries must be a multiple ",
                                 "of the ", k.shape(1), " heads of keys and values."));
}

array checked_mask(const array& mask, Dtype dtype, const Shape& scores, StreamOrDevice s) {
  const bool is_boolean = mask.dtype() == bool_;
  if (!is_boolean && promote_types(mask.dtype(), dtype) != dtype)
    throw DtypeError(concat_text(kName, "Expected a mask of dtype bool or one that promotes to ",
                                 dtype, " but received ", mask.dtype(), "."));
  if (mask.ndim() > 4 || broadcast_shapes(mask.shape(), scores) != scores)
    throw ShapeError(concat_text(kName, "A mask of shape ", mask.shape(),
                                 " can't be broadcast to the scores' shape ", scores, "."));
  return broadcast_to(is_boolean ? mask : astype(mask, dtype, s), scores, s);
}

}  // namespace

array scaled_dot_product_attention(const array& queries, const array& keys, const array& values,
                                   const float scale, const std::string& mask_mode,
                                   const std::optional<array>& mask_arr,
                                   const std::optional<array>& sinks, bool, StreamOrDevice s) {
  check_shapes(queries, keys, values);
  const Dtype dtype = result_type(queries, keys, values);
  if (!issubdtype(dtype, floating))
    throw DtypeError(
        concat_text(kName, "Expected a real floating dtype but received ", dtype, "."));
  if (mask_mode != "" && mask_mode != "causal" && mask_mode != "array")
    throw std::invalid_argument(
        concat_text(kName, "Unknown mask mode '", mask_mode, "'; expected 'causal' or an array."));
  const bool causal = mask_mode == "causal";
  if (causal && mask_arr)
    throw std::invalid_argument(
        concat_text(kName, "A mask array can't be given beside the mode 'causal'."));
  if (mask_mode == "array" && !mask_arr)
    throw std::invalid_argument(concat_text(kName, "The mode 'array' needs a mask array."));

  const Shape scores{queries.shape(0), queries.shape(1), queries.shape(2), keys.shape(2)};
  std::vector<array> inputs;
  for (auto* a : {&queries, &keys, &values}) inputs.push_back(astype(*a, dtype, s));
  if (mask_arr) inputs.push_back(checked_mask(*mask_arr, dtype, scores, s));
  if (sinks) {
    if (sinks->ndim() != 1 || sinks->shape(0) != queries.shape(1))
      throw ShapeError(concat_text(kName, "Expected sinks of shape (", queries.shape(1),
                                   "), one a head, but received shape ", sinks->shape(), "."));
    if (promote_types(sinks->dtype(), dtype) != dtype)
      throw DtypeError(concat_text(kName, "Expected sinks of a dtype that promotes to ", dtype,
                                   " but received ", sinks->dtype(), "."));
    array wide = astype(*sinks, dtype == float64 ? float64 : float32, s);
    inputs.push_back(broadcast_to(wide, {queries.shape(0), queries.shape(1)}, s));
  }
  const AttentionSettings settings{scale, causal, mask_arr.has_value(), sinks.has_value()};
  auto node = std::make_shared<Attention>(to_stream(s), settings);
  Shape shape = queries.shape();
  shape.back() = values.shape(-1);
  return array(std::move(shape), dtype, std::move(node), std::move(inputs));
}

}  // namespace mlx::core::fast
