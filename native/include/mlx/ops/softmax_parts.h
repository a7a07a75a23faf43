#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// The largest element along an axis, which stays with size 1, and log(sum(exp(a - it))): the two
/// parts of logsumexp, whose sum would lose the second beside large numbers. Half types give
/// float32. Derivatives are those of the sum and all belong to the second part. MLX has no such
/// function, so mlx.h leaves it out.
MLX_API std::vector<array> logsumexp_parts(const array& a, int axis, StreamOrDevice s = {});

}  // namespace mlx::core
