#pragma once

#include <vector>

#include "mlx/ops.h"

namespace mlx::core {

/// Zeros in the shape of an array, as a view of a single one.
inline array zeros_view(const array& like, const Stream& stream) {
  return broadcast_to(array(0, like.dtype()), like.shape(), stream);
}

/// The tangent of primals[index], zeros when it has none.
inline array tangent_of(size_t index, const std::vector<array>& primals,
                        const std::vector<array>& tangents, const std::vector<int>& argnums,
                        const Stream& stream) {
  for (size_t i = 0; i < argnums.size(); ++i)
    if (argnums[i] == int(index)) return tangents[i];
  return zeros_view(primals[index], stream);
}

}  // namespace mlx::core
