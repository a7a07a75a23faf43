#pragma once

#include <optional>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// Running sums along an axis, or of the flattened array. `reverse` begins at the end; without
/// `inclusive` an element doesn't count in its own sum. Without a dtype the array's stays, but bool
/// gives int32.
MLX_API array cumsum(const array& a, int axis, bool reverse = false, bool inclusive = true,
                     std::optional<Dtype> dtype = std::nullopt, StreamOrDevice s = {});
MLX_API array cumsum(const array& a, bool reverse = false, bool inclusive = true,
                     std::optional<Dtype> dtype = std::nullopt, StreamOrDevice s = {});
inline array cumsum(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  return cumsum(a, axis, reverse, inclusive, std::nullopt, s);
}
inline array cumsum(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return cumsum(a, reverse, inclusive, std::nullopt, s);
}
/// Running products.
MLX_API array cumprod(const array& a, int axis, bool reverse = false, bool inclusive = true,
                      std::optional<Dtype> dtype = std::nullopt, StreamOrDevice s = {});
MLX_API array cumprod(const array& a, bool reverse = false, bool inclusive = true,
                      std::optional<Dtype> dtype = std::nullopt, StreamOrDevice s = {});
inline array cumprod(const array& a, int axis, bool reverse, bool inclusive, StreamOrDevice s) {
  return cumprod(a, axis, reverse, inclusive, std::nullopt, s);
}
inline array cumprod(const array& a, bool reverse, bool inclusive, StreamOrDevice s) {
  return cumprod(a, reverse, inclusive, std::nullopt, s);
}
/// Running maxima; NaN stays. Complex numbers are a DtypeError.
MLX_API array cummax(const array& a, int axis, bool reverse = false, bool inclusive = true,
                     StreamOrDevice s = {});
MLX_API array cummax(const array& a, bool reverse = false, bool inclusive = true,
                     StreamOrDevice s = {});
/// Running minima.
MLX_API array cummin(const array& a, int axis, bool reverse = false, bool inclusive = true,
                     StreamOrDevice s = {});
MLX_API array cummin(const array& a, bool reverse = false, bool inclusive = true,
                     StreamOrDevice s = {});
/// Running log(sum(exp(a))), without overflow; integers give float32.
MLX_API array logcumsumexp(const array& a, int axis, bool reverse = false, bool inclusive = true,
                           StreamOrDevice s = {});
MLX_API array logcumsumexp(const array& a, bool reverse = false, bool inclusive = true,
                           StreamOrDevice s = {});

/// Each element less the one before it along an axis, n times over: the axis gets shorter by n. Of
/// booleans whether the two differ. Throws std::invalid_argument for a negative n.
MLX_API array diff(const array& a, int n = 1, int axis = -1, StreamOrDevice s = {});

}  // namespace mlx::core
