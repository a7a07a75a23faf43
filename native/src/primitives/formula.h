#pragma once

#include <vector>

#include "mlx/transforms.h"

namespace mlx::core {

// Derivatives of kinds that compute in one step what a formula of other operations expresses too.

/// Tangents of the formula's results, given those of primals[argnums[i]].
std::vector<array> formula_jvp(const VectorFunction& formula, const std::vector<array>& primals,
                               const std::vector<array>& tangents, const std::vector<int>& argnums);

/// Gradients of primals[argnums[i]], given those of the formula's results.
std::vector<array> formula_vjp(const VectorFunction& formula, const std::vector<array>& primals,
                               const std::vector<array>& cotangents,
                               const std::vector<int>& argnums);

}  // namespace mlx::core
