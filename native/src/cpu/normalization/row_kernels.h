#pragma once

#include <cstddef>

namespace mlx::core::cpu {

/// Passes over one row; W is float or double.
template <typename W>
struct NormalizationKernels {
  double (*sum)(const W* x, size_t count);
  /// The sum of (x - mean)^2.
  double (*squares)(const W* x, size_t count, W mean);
  /// out = (x - mean) * scale * weight + bias; without a bias none is added.
  void (*apply)(const W* x, size_t count, W mean, W scale, const W* weight, const W* bias, W* out);
  /// Sums of g and of g * z, where z = (x - mean) * scale and g = dy * weight.
  void (*gradient_sums)(const W* x, const W* dy, size_t count, W mean, W scale, const W* weight,
                        double& sum, double& product);
  /// dx = (g - a - z * b) * scale; adds dy * z to d_weight and, unless it is null, dy to d_bias.
  void (*gradient)(const W* x, const W* dy, size_t count, W mean, W scale, const W* weight, W a,
                   W b, W* dx, W* d_weight, W* d_bias);
};

/// The kernels for this machine.
template <typename W>
const NormalizationKernels<W>& normalization_kernels();

}  // namespace mlx::core::cpu
