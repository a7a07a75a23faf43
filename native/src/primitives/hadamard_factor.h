#pragma once

#include <cstdint>

namespace mlx::core {

/// The m of a size m * 2^k that is 1, 12, 20 or 28; 0 for sizes that aren't so.
inline int64_t hadamard_factor(int64_t size) {
  if (size <= 0) return 0;
  int64_t odd = size;
  while (odd % 2 == 0) odd /= 2;
  if (odd == 1) return 1;
  const bool is_known = odd == 3 || odd == 5 || odd == 7;
  return is_known && size % 4 == 0 ? 4 * odd : 0;
}

}  // namespace mlx::core
