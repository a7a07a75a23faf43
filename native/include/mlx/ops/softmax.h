#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// exp(a) / sum(exp(a)) over the axes (all), without overflow; integers give float32. Half types
/// are computed in float32 whether precise or not.
MLX_API array softmax(const array& a, const std::vector<int>& axes, bool precise = false,
                      StreamOrDevice s = {});
MLX_API array softmax(const array& a, bool precise = false, StreamOrDevice s = {});
inline array softmax(const array& a, int axis, bool precise = false, StreamOrDevice s = {}) {
  return softmax(a, std::vector<int>{axis}, precise, s);
}

/// log(sum(exp(a))) over the axes (all), without overflow; integers give float32.
MLX_API array logsumexp(const array& a, const std::vector<int>& axes, bool keepdims = false,
                        StreamOrDevice s = {});
MLX_API array logsumexp(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array logsumexp(const array& a, bool keepdims, StreamOrDevice s = {});
inline array logsumexp(const array& a, StreamOrDevice s = {}) { return logsumexp(a, false, s); }

}  // namespace mlx::core
