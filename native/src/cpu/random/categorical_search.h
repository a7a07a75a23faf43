#pragma once

#include <cstddef>
#include <cstdint>

namespace mlx::core::cpu {

/// For each of m draws u in [0, 1) the last category whose predecessors weigh no more than u of
/// the whole. Weights are not negative; their sums are kept in float64.
void categorical_search(const float* weights, size_t n, const float* draws, size_t m,
                        uint32_t* out);

}  // namespace mlx::core::cpu
