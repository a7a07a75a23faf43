#include "primitives/normalization.h"
#include "mlx/fast.h"
#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::core::fast {
namespace {

/// A vector with one element a column; by default all are `value`.
array column_vector(const char* op, const char* what, const std::optional<array>& vector,
                    float value, const array& x, Dtype dtype, StreamOrDevice s) {
  if (!vector) return broadcast_to(array(value, dtype), {x.shape(-1)}, s);
  if (vector->ndim() != 1 || vector->shape(0) != x.shape(-1))
    throw ShapeError(concat_text("[", op, "] Expected a ", what, " of shape (", x.shape(-1),
                                 ") for x of shape ", x.shape(), " but received shape ",
                                 vector->shape(), "."));
  return astype(*vector, dtype, s);
}

/// The dtype in which x and the vectors meet; it must be a real floating one.
Dtype common_dtype(const char* op, const array& x, const std::optional<array>& weight,
                   const std::optional<array>& bias) {
  if (x.ndim() == 0)
    throw ShapeError(
        concat_text("[", op, "] Expected x with at least one axis but received a ", "scalar."));
  Dtype dtype = x.dtype();
  for (auto& vector : {weight, bias})
    if (vector) dtype = promote_types(dtype, vector->dtype());
  if (!issubdtype(dtype, floating))
    throw DtypeError(
        concat_text("[", op, "] Expected a real floating dtype but received ", dtype, "."));
  return dtype;
}

void check_epsilon(const char* op, float eps) {
  if (!(eps >= 0))
    throw std::invalid_argument(
        concat_text("[", op, "] Expected an eps of at least 0 but received ", eps, "."));
}

}  // namespace

array rms_norm(const array& x, const std::optional<array>& weight, float eps, StreamOrDevice s) {
  Dtype dtype = common_dtype("rms_norm", x, weight, std::nullopt);
  check_epsilon("rms_norm", eps);
  array scale = column_vector("rms_norm", "weight", weight, 1, x, dtype, s);
  auto node = std::make_shared<Normalization>(to_stream(s), NormalizationKind::rms, eps);
  return array(x.shape(), dtype, std::move(node), {astype(x, dtype, s), scale});
}

array layer_norm(const array& x, const std::optional<array>& weight,
                 const std::optional<array>& bias, float eps, StreamOrDevice s) {
  Dtype dtype = common_dtype("layer_norm", x, weight, bias);
  check_epsilon("layer_norm", eps);
  array scale = column_vector("layer_norm", "weight", weight, 1, x, dtype, s);
  array shift = column_vector("layer_norm", "bias", bias, 0, x, dtype, s);
  auto node = std::make_shared<Normalization>(to_stream(s), NormalizationKind::layer, eps);
  return array(x.shape(), dtype, std::move(node), {astype(x, dtype, s), scale, shift});
}

}  // namespace mlx::core::fast
