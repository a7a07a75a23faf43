#pragma once

#include <vector>

#include "mlx/ops.h"

namespace mlx::core {

/// The tangent of primals[index], zeros when it has none.
inline array tangent_of(size_t index, const std::vector<array>& primals,
                        const std::vector<array>& tangents, const std::vector<int>& argnums,
                        const Stream& stream) {
  for (size_t i = 0; i < argnums.size(); ++i)
    if (argnums[i] == int(index)) return tangents[i];
  return zeros_like(primals[index], stream);
}

}  // namespace mlx::core
