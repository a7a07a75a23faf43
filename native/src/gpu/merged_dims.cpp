#include "gpu/merged_dims.h"

#include <algorithm>
#include <cstdlib>

namespace mlx::core::gpu {

MergedDims merge_dims(std::span<const int32_t> shape,
                      std::span<const std::span<const int64_t>> strides) {
  MergedDims merged;
  merged.strides.resize(strides.size());
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    bool joins = !merged.shape.empty();
    for (size_t k = 0; joins && k < strides.size(); ++k)
      joins = merged.strides[k].back() == strides[k][d] * shape[d];
    if (joins)
      merged.shape.back() *= shape[d];
    else
      merged.shape.push_back(shape[d]);
    for (size_t k = 0; k < strides.size(); ++k) {
      if (joins)
        merged.strides[k].back() = strides[k][d];
      else
        merged.strides[k].push_back(strides[k][d]);
    }
  }
  return merged;
}

int64_t MergedDims::size() const {
  int64_t size = 1;
  for (auto n : shape) size *= n;
  return size;
}

int64_t MergedDims::reach() const {
  int64_t reach = 0;
  for (auto& operand : strides) {
    int64_t distance = 0;
    for (size_t d = 0; d < shape.size(); ++d) distance += std::abs(operand[d]) * (shape[d] - 1);
    reach = std::max(reach, distance);
  }
  return reach;
}

}  // namespace mlx::core::gpu
