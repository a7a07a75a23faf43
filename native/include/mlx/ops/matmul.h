#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// The matrix product over the last two axes; the others are broadcast. A vector is a row on the
/// left and a column on the right, and that axis is gone from the result. Throws ShapeError for
/// scalars and sizes that don't fit.
MLX_API array matmul(const array& a, const array& b, StreamOrDevice s = {});
/// alpha * (a @ b) + beta * c, with c broadcast to the product.
MLX_API array addmm(array c, array a, array b, const float& alpha = 1.f, const float& beta = 1.f,
                    StreamOrDevice s = {});

/// Sums products over the last axes of a and the first of b, so many of them.
MLX_API array tensordot(const array& a, const array& b, const int axis = 2, StreamOrDevice s = {});
/// Sums products over pairs of axes.
MLX_API array tensordot(const array& a, const array& b, const std::vector<int>& axes_a,
                        const std::vector<int>& axes_b, StreamOrDevice s = {});
/// All products of the flattened arrays' elements: shape (a.size(), b.size()).
MLX_API array outer(const array& a, const array& b, StreamOrDevice s = {});
/// Sums products over the last axis of both.
MLX_API array inner(const array& a, const array& b, StreamOrDevice s = {});

}  // namespace mlx::core
