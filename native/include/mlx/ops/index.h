#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Indices are of an integer dtype (DtypeError otherwise). Negative ones count from the end; one
// that is still out of bounds is an EngineError when it is evaluated.

/// The slices of a along an axis that the indices name; indices.shape() takes the axis's place.
MLX_API array take(const array& a, const array& indices, int axis, StreamOrDevice s = {});
MLX_API array take(const array& a, int index, int axis, StreamOrDevice s = {});
/// Elements of the flattened array.
MLX_API array take(const array& a, const array& indices, StreamOrDevice s = {});
MLX_API array take(const array& a, int index, StreamOrDevice s = {});

/// out[..., j, ...] = a[..., indices[..., j, ...], ...]; the other axes are broadcast.
MLX_API array take_along_axis(const array& a, const array& indices, int axis,
                              StreamOrDevice s = {});
/// a with the values written to (added at) those places. values is broadcast to indices' shape
/// and cast to a's dtype. The last of equal indices wins (all are added).
MLX_API array put_along_axis(const array& a, const array& indices, const array& values, int axis,
                             StreamOrDevice s = {});
MLX_API array scatter_add_axis(const array& a, const array& indices, const array& values, int axis,
                               StreamOrDevice s = {});

/// Slices of a of the shape slice_sizes. indices[k] holds where they begin along axes[k]; along
/// other axes they begin at 0. The result has the shape of the indices, broadcast, and then
/// slice_sizes.
MLX_API array gather(const array& a, const std::vector<array>& indices,
                     const std::vector<int>& axes, const Shape& slice_sizes, StreamOrDevice s = {});
inline array gather(const array& a, const array& indices, int axis, const Shape& slice_sizes,
                    StreamOrDevice s = {}) {
  return gather(a, std::vector<array>{indices}, std::vector<int>{axis}, slice_sizes, s);
}

/// a with slices replaced by updates: the opposite of gather. updates has the shape of the
/// indices, broadcast, and then one size for each axis of a; it is cast to a's dtype. The last of
/// equal indices wins.
MLX_API array scatter(const array& a, const std::vector<array>& indices, const array& updates,
                      const std::vector<int>& axes, StreamOrDevice s = {});
inline array scatter(const array& a, const array& indices, const array& updates, int axis,
                     StreamOrDevice s = {}) {
  return scatter(a, std::vector<array>{indices}, updates, std::vector<int>{axis}, s);
}

/// a with the elements where the mask is true replaced by those of src, one after another in
/// row-major order. The mask's axes are a's first ones; src is cast to a's dtype and has at least
/// as many elements as are replaced (EngineError when it is evaluated).
MLX_API array masked_scatter(const array& a, const array& mask, const array& src,
                             StreamOrDevice s = {});

// Like scatter, combining with what is there; equal indices all take part.

MLX_API array scatter_add(const array& a, const std::vector<array>& indices, const array& updates,
                          const std::vector<int>& axes, StreamOrDevice s = {});
inline array scatter_add(const array& a, const array& indices, const array& updates, int axis,
                         StreamOrDevice s = {}) {
  return scatter_add(a, std::vector<array>{indices}, updates, std::vector<int>{axis}, s);
}
MLX_API array scatter_prod(const array& a, const std::vector<array>& indices, const array& updates,
                           const std::vector<int>& axes, StreamOrDevice s = {});
inline array scatter_prod(const array& a, const array& indices, const array& updates, int axis,
                          StreamOrDevice s = {}) {
  return scatter_prod(a, std::vector<array>{indices}, updates, std::vector<int>{axis}, s);
}
MLX_API array scatter_max(const array& a, const std::vector<array>& indices, const array& updates,
                          const std::vector<int>& axes, StreamOrDevice s = {});
inline array scatter_max(const array& a, const array& indices, const array& updates, int axis,
                         StreamOrDevice s = {}) {
  return scatter_max(a, std::vector<array>{indices}, updates, std::vector<int>{axis}, s);
}
MLX_API array scatter_min(const array& a, const std::vector<array>& indices, const array& updates,
                          const std::vector<int>& axes, StreamOrDevice s = {});
inline array scatter_min(const array& a, const array& indices, const array& updates, int axis,
                         StreamOrDevice s = {}) {
  return scatter_min(a, std::vector<array>{indices}, updates, std::vector<int>{axis}, s);
}

}  // namespace mlx::core
