#pragma once

#include <cstdint>
#include <span>

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

/// out[i..., s...] = src[s + sum over k of indices_k[i...] along axes[k]], row-contiguous in the
/// indices' common shape (broadcast by strides; () without indices) + one slice size an axis of
/// src. Indices are of any integer dtype; negative ones count from the end once. A slice that
/// leaves src is an EngineError naming the axis, its size and the index.
void gather(const StridedInput& src, std::span<const StridedInput> indices,
            std::span<const int> axes, std::span<const int32_t> slice_sizes, void* out);

/// out[..., j, ...] = src[..., indices[..., j, ...], ...] along axis: indices has src's shape but
/// for the axis, and the same rules as above. out is row-contiguous in indices' shape.
void gather_axis(const StridedInput& src, const StridedInput& indices, int axis, void* out);

}  // namespace mlx::core::cpu
