#pragma once

#include <cstdint>

namespace mlx::core {

inline constexpr int kMaxHadamard = 28;

/// A matrix of ones and minus ones whose rows are orthogonal.
struct HadamardMatrix {
  int size;
  int8_t signs[kMaxHadamard][kMaxHadamard];
};

/// The matrix of size 1, 12, 20 or 28.
HadamardMatrix hadamard_matrix(int size);

}  // namespace mlx::core
