#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "mlx/array.h"
#include "mlx/backend/common/metal_kernel.h"
#include "mlx/stream_or_device.h"

namespace mlx::core::fast {

// Layers of transformers in one pass each, with less memory than the operations they stand for.
// Half types are computed in float32 and rounded once.

/// x / sqrt(mean(x^2) + eps) * weight along the last axis; the weight is one vector, or ones.
MLX_API array rms_norm(const array& x, const std::optional<array>& weight, float eps,
                       StreamOrDevice s = {});

/// (x - mean) / sqrt(variance + eps) * weight + bias along the last axis; weight and bias are one
/// vector each, or ones and zeros.
MLX_API array layer_norm(const array& x, const std::optional<array>& weight,
                         const std::optional<array>& bias, float eps, StreamOrDevice s = {});

/// Rotary position embedding of the first `dims` features (RoFormer, arXiv 2104.09864): a pair of
/// features at position t along axis -2 turns by (offset + t) * scale / freqs[i], where freqs are
/// powers of the base unless they are given. Traditional pairs are neighbours, others lie dims / 2
/// apart. The offset is a number, or an array of one or of one a row of the first axis.
MLX_API array rope(const array& x, int dims, bool traditional, std::optional<float> base,
                   float scale, int offset, const std::optional<array>& freqs = std::nullopt,
                   StreamOrDevice s = {});
MLX_API array rope(const array& x, int dims, bool traditional, std::optional<float> base,
                   float scale, const array& offset,
                   const std::optional<array>& freqs = std::nullopt, StreamOrDevice s = {});

/// softmax(scale * queries @ keys^T + mask) @ values for [batch, heads, length, features]; several
/// heads of queries may share one of keys and values. mask_mode "causal" lets the last query see
/// all keys and each one before it one less; a mask array is boolean (true: visible) or added.
/// Sinks, one a head, are logits that take weight and give no value. Memory grows with the lengths,
/// not with their product; force_fused changes nothing, for there is no other way here.
MLX_API array scaled_dot_product_attention(const array& queries, const array& keys,
                                           const array& values, const float scale,
                                           const std::string& mask_mode = "",
                                           const std::optional<array>& mask_arr = std::nullopt,
                                           const std::optional<array>& sinks = std::nullopt,
                                           bool force_fused = false, StreamOrDevice s = {});
inline array scaled_dot_product_attention(const array& queries, const array& keys,
                                          const array& values, const float scale,
                                          const std::string& mask_mode,
                                          const std::optional<array>& mask_arr,
                                          const std::optional<array>& sinks, StreamOrDevice s) {
  return scaled_dot_product_attention(queries, keys, values, scale, mask_mode, mask_arr, sinks,
                                      false, s);
}

// ---- Kernels of one's own

using TemplateArg = std::variant<int, bool, Dtype>;
using ScalarArg = std::variant<bool, int, float>;
/// (inputs, shapes and dtypes of the outputs, grid, threads of a group, template arguments by name,
/// initial value of the outputs, whether to print the source, stream): the outputs.
using CustomKernelFunction = std::function<std::vector<array>(
    const std::vector<array>&, const std::vector<Shape>&, const std::vector<Dtype>&,
    std::tuple<int, int, int>, std::tuple<int, int, int>,
    std::vector<std::pair<std::string, TemplateArg>>, std::optional<float>, bool, StreamOrDevice)>;

/// A kernel from the body of its function in Metal's language. Throws std::runtime_error where
/// Metal is not available.
MLX_API CustomKernelFunction metal_kernel(const std::string& name,
                                          const std::vector<std::string>& input_names,
                                          const std::vector<std::string>& output_names,
                                          const std::string& source, const std::string& header = "",
                                          bool ensure_row_contiguous = true,
                                          bool atomic_outputs = false,
                                          const CompileOptions& compile_options = {});
/// The same in CUDA's; throws std::runtime_error where CUDA is not available, as does the next.
MLX_API CustomKernelFunction cuda_kernel(const std::string& name,
                                         const std::vector<std::string>& input_names,
                                         const std::vector<std::string>& output_names,
                                         const std::string& source, const std::string& header = "",
                                         bool ensure_row_contiguous = true, int shared_memory = 0);
/// Runs a compiled kernel.
MLX_API std::vector<array> precompiled_cuda_kernel(
    const std::string& name, const std::string& compiled_source, const std::vector<array>& inputs,
    const std::vector<Shape>& output_shapes, const std::vector<Dtype>& output_dtypes,
    const std::vector<ScalarArg>& scalars, std::tuple<int, int, int> grid,
    std::tuple<int, int, int> threadgroup, int shared_memory = 0,
    std::optional<float> init_value = std::nullopt, bool ensure_row_contiguous = false,
    StreamOrDevice s = {});

}  // namespace mlx::core::fast
