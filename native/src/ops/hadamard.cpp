#include "mlx/ops/hadamard.h"

#include <cmath>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "primitives/hadamard.h"
#include "primitives/hadamard_factor.h"

namespace mlx::core {

array hadamard_transform(const array& a, std::optional<float> scale, StreamOrDevice s) {
  require_real("hadamard_transform", a.dtype());
  if (a.ndim() == 0 || hadamard_factor(a.shape(-1)) == 0)
    throw ShapeError(concat_text("[hadamard_transform] The last axis of shape ", a.shape(),
                                 " must have m * 2^k elements with m = 1, 12, 20 or 28."));
  const float factor = scale.value_or(1 / std::sqrt(float(a.shape(-1))));
  auto node = std::make_shared<Hadamard>(to_stream(s), factor, false);
  const Dtype dtype = at_least_float(a.dtype());
  return array(a.shape(), dtype, std::move(node), {astype(a, dtype, s)});
}

}  // namespace mlx::core
