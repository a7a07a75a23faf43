#pragma once

#include <cstdint>
#include <span>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

enum class ScatterMode : uint8_t { none, sum, prod, max, min };

/// out[s + sum over k of indices_k[i...] along axes[k]] op= updates[i..., s...], on top of what out
/// holds. updates' shape is the indices' common shape + one slice size an axis of out; its dtype
/// is out's. Updates of one place apply in index order, so results don't depend on threads and the
/// last of equal indices wins for none. All indices are checked, as in gather, before any write.
void scatter(ScatterMode mode, const StridedOutput& out, std::span<const StridedInput> indices,
             std::span<const int> axes, const StridedInput& updates);

/// out[..., indices[..., j, ...], ...] op= updates[..., j, ...] along axis, with the same order
/// and checks. updates and indices share a shape, out's but for the axis.
void scatter_axis(ScatterMode mode, const StridedOutput& out, const StridedInput& indices, int axis,
                  const StridedInput& updates);

}  // namespace mlx::core::cpu
