#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Matrices in 2 to 8 bits an element. Groups of elements along the last axis share a scale, and in
// the mode "affine" a bias: w = scale * code + bias. "mxfp4" and "mxfp8" have small floating
// numbers and powers of two as scales (Open Compute Project, Microscaling Formats 1.0), "nvfp4" has
// E4M3 scales and optionally one float32 scale for all. Codes are packed into uint32 from the low
// bits up. Without group_size and bits a mode has its default: affine 64 and 4, mxfp4 32 and 4,
// mxfp8 32 and 8, nvfp4 16 and 4.

/// The codes, the scales, and in the mode "affine" the biases of a matrix (..., rows, columns).
MLX_API std::vector<array> quantize(const array& w, std::optional<int> group_size = std::nullopt,
                                    std::optional<int> bits = std::nullopt,
                                    const std::string& mode = "affine",
                                    const std::optional<array>& global_scale = std::nullopt,
                                    StreamOrDevice s = {});

/// The matrix again, in `dtype`: by default that of the scales, and bfloat16 in the other modes.
MLX_API array dequantize(const array& w, const array& scales,
                         const std::optional<array>& biases = std::nullopt,
                         std::optional<int> group_size = std::nullopt,
                         std::optional<int> bits = std::nullopt, const std::string& mode = "affine",
                         const std::optional<array>& global_scale = std::nullopt,
                         std::optional<Dtype> dtype = std::nullopt, StreamOrDevice s = {});

/// x @ dequantize(w)^T, or without `transpose` x @ dequantize(w), read from the codes. Axes before
/// the last two are broadcast.
MLX_API array quantized_matmul(array x, array w, array scales,
                               std::optional<array> biases = std::nullopt, bool transpose = true,
                               std::optional<int> group_size = std::nullopt,
                               std::optional<int> bits = std::nullopt,
                               const std::string& mode = "affine", StreamOrDevice s = {});

/// quantized_matmul of matrices chosen by indices, which are flat over the axes before the last two
/// and broadcast; without indices all in order. sorted_indices changes nothing here.
MLX_API array gather_qmm(const array& x, const array& w, const array& scales,
                         const std::optional<array>& biases = std::nullopt,
                         std::optional<array> lhs_indices = std::nullopt,
                         std::optional<array> rhs_indices = std::nullopt, bool transpose = true,
                         std::optional<int> group_size = std::nullopt,
                         std::optional<int> bits = std::nullopt, const std::string& mode = "affine",
                         bool sorted_indices = false, StreamOrDevice s = {});

/// x @ w^T with x rounded to what "nvfp4" or "mxfp8" hold. w is quantized and comes with scales, or
/// is rounded likewise; gradients take the rounding for the identity.
MLX_API array qqmm(array x, array w, const std::optional<array>& w_scales = std::nullopt,
                   std::optional<int> group_size = std::nullopt,
                   std::optional<int> bits = std::nullopt, const std::string& mode = "nvfp4",
                   const std::optional<array>& global_scale_x = std::nullopt,
                   const std::optional<array>& global_scale_w = std::nullopt,
                   StreamOrDevice s = {});

/// qqmm of matrices chosen by indices as in gather_qmm.
MLX_API array gather_qqmm(const array& x, const array& w,
                          const std::optional<array>& w_scales = std::nullopt,
                          std::optional<array> lhs_indices = std::nullopt,
                          std::optional<array> rhs_indices = std::nullopt,
                          std::optional<int> group_size = std::nullopt,
                          std::optional<int> bits = std::nullopt, const std::string& mode = "nvfp4",
                          const std::optional<array>& global_scale_x = std::nullopt,
                          const std::optional<array>& global_scale_w = std::nullopt,
                          bool sorted_indices = false, StreamOrDevice s = {});

/// Numbers as E4M3 in uint8: to nearest, ties to even, at most 448 in size; NaN stays one.
MLX_API array to_fp8(array x, StreamOrDevice s = {});
/// The way back.
MLX_API array from_fp8(array x, Dtype dtype = bfloat16, StreamOrDevice s = {});

}  // namespace mlx::core
