#pragma once

#include <string>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Ascending and stable, NaN last, along an axis or of the flattened array. Indices are uint32.

MLX_API array sort(const array& a, int axis, StreamOrDevice s = {});
MLX_API array sort(const array& a, StreamOrDevice s = {});
MLX_API array argsort(const array& a, int axis, StreamOrDevice s = {});
MLX_API array argsort(const array& a, StreamOrDevice s = {});

/// The element at kth is where sorting puts it, none before it is larger and none behind smaller.
/// Throws std::out_of_range for a kth outside the axis.
MLX_API array partition(const array& a, int kth, int axis, StreamOrDevice s = {});
MLX_API array partition(const array& a, int kth, StreamOrDevice s = {});
MLX_API array argpartition(const array& a, int kth, int axis, StreamOrDevice s = {});
MLX_API array argpartition(const array& a, int kth, StreamOrDevice s = {});

/// The k largest elements, ascending.
MLX_API array topk(const array& a, int k, int axis, StreamOrDevice s = {});
MLX_API array topk(const array& a, int k, StreamOrDevice s = {});

/// Where each value goes into an ascending array of one axis: in uint32, before the elements that
/// equal it (side "left") or behind them ("right"). Both are cast to one dtype; NaN is last.
MLX_API array searchsorted(const array& sorted_sequence, const array& values,
                           const std::string& side = "left", StreamOrDevice s = {});

}  // namespace mlx::core
