#pragma once

#include <optional>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// Kronecker's product: every element of a times the whole of b. The array with fewer axes gets
/// leading ones of size 1.
MLX_API array kron(const array& a, const array& b, StreamOrDevice s = {});

/// Sums conj(a) * b along an axis of both; the other axes are broadcast. Throws ShapeError for
/// axes of different sizes.
MLX_API array vecdot(const array& a, const array& b, int axis = -1, StreamOrDevice s = {});

/// Products of chosen matrices: a's matrix lhs_indices[i] times b's matrix rhs_indices[i], counted
/// over all their batch axes as one. The indices are broadcast to one shape, to which the matrices'
/// last two axes are added; without indices each matrix is taken in turn. sorted_indices says that
/// rhs_indices ascend. An index out of range is an EngineError when the result is evaluated.
MLX_API array gather_mm(array a, array b, std::optional<array> lhs_indices = std::nullopt,
                        std::optional<array> rhs_indices = std::nullopt,
                        bool sorted_indices = false, StreamOrDevice s = {});

/// One product for each segment [start, end) of the axis that a (m, k) and b (k, n) share: shape
/// (..., m, n) for integer segments of shape (..., 2). Bounds count from the end when negative; one
/// out of range is an EngineError when the result is evaluated; an empty segment gives zeros.
MLX_API array segmented_mm(array a, array b, array segments, StreamOrDevice s = {});

/// A matrix product in blocks of block_size (32 or 64) rows and columns, of which masks leave some
/// out: mask_out of the result, mask_lhs of a, mask_rhs of b, with one value for each block, also
/// for those that the matrices' ends cut. What a bool mask leaves out counts as zero and costs
/// nothing; masks of numbers multiply the blocks.
MLX_API array block_masked_mm(array a, array b, int block_size,
                              std::optional<array> mask_out = std::nullopt,
                              std::optional<array> mask_lhs = std::nullopt,
                              std::optional<array> mask_rhs = std::nullopt, StreamOrDevice s = {});

}  // namespace mlx::core
