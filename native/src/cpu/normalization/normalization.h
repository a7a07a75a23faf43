#pragma once

#include <cstdint>

#include "mlx/dtype.h"
#include "primitives/normalization_kind.h"

namespace mlx::core::cpu {

/// Contiguous rows, and vectors of one row's length, all of one floating dtype.
struct NormalizationArgs {
  Dtype dtype;
  NormalizationKind kind;
  double eps;
  int64_t rows, columns;
  const void* x;
  const void* weight;
};

/// out = normalized x * weight, + bias for layer norm.
void normalize(const NormalizationArgs& args, const void* bias, void* out);

/// The gradients for x and weight, and for layer norm the bias, from that of out. The bits don't
/// depend on the number of threads.
void normalize_gradient(const NormalizationArgs& args, const void* dy, void* dx, void* d_weight,
                        void* d_bias);

}  // namespace mlx::core::cpu
