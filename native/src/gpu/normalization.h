#pragma once

#include "gpu/commands.h"
#include "primitives/normalization_kind.h"

namespace mlx::core::gpu {

/// Contiguous rows, and vectors of one row's length, all of one floating dtype.
struct NormalizationArgs {
  Dtype::Val dtype;
  NormalizationKind kind;
  float eps;
  int64_t rows, columns;
  Place x, weight;
};

/// out = normalized x * weight, + bias for layer norm.
void normalize(Commands& commands, const NormalizationArgs& args, Place bias, Place out);

/// The gradients for x and weight, and for layer norm the bias, from that of out.
void normalize_gradient(Commands& commands, const NormalizationArgs& args, Place dy, Place dx,
                        Place d_weight, Place d_bias);

}  // namespace mlx::core::gpu
