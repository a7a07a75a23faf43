#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

enum class ScatterMode : uint8_t { none, sum, prod, max, min };

/// What becomes of an update whose place is out of range.
enum class OutOfRange : uint8_t { dropped, clamped };

// Indices are of any integer dtype; negative ones count from the end once. What is out of range is
// clamped where it is read, and dropped where it would be written (engine.md).

/// out[i..., s...] = src[s + sum over k of indices_k[i...] along axes[k]], row-contiguous in the
/// indices' common shape and one slice size an axis of src.
void gather(Commands& commands, const StridedPlace& src, std::span<const StridedPlace> indices,
            std::span<const int> axes, std::span<const int32_t> slice_sizes, Place out);

/// out[..., j, ...] = src[..., indices[..., j, ...], ...] along axis; row-contiguous.
void gather_axis(Commands& commands, const StridedPlace& src, const StridedPlace& indices, int axis,
                 Place out);

/// out[s + sum over k of indices_k[i...] along axes[k]] op= updates[i..., s...]. Sums of floats
/// come in any order, and of equal indices with `none` any one wins.
void scatter(Commands& commands, ScatterMode mode, const StridedPlace& out,
             std::span<const StridedPlace> indices, std::span<const int> axes,
             const StridedPlace& updates, OutOfRange out_of_range);

/// out[..., indices[..., j, ...], ...] op= updates[..., j, ...] along axis.
void scatter_axis(Commands& commands, ScatterMode mode, const StridedPlace& out,
                  const StridedPlace& indices, int axis, const StridedPlace& updates);

}  // namespace mlx::core::gpu
