#pragma once

#include "mlx/transforms.h"
#include "primitives/attention.h"

namespace mlx::core {

/// Attention in other operations, with the whole matrix of scores: for derivatives that have no
/// kernel, and for what tests compare with.
VectorFunction attention_formula(const AttentionSettings& settings, const Stream& stream);

/// Its gradients from those of the result, which come as the last argument.
VectorFunction attention_gradient_formula(const AttentionSettings& settings, const Stream& stream);

}  // namespace mlx::core
