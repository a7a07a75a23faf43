#include "evaluation/merged_layout.h"

#include <cstdlib>
#include <utility>

namespace mlx::core {

MergedLayout::MergedLayout(std::span<const int32_t> shape, std::span<const Strides> strides,
                           size_t in_order_of)
    : operands_(strides.size()) {
  SmallVector<int, 8> visited;
  for (size_t d = 0; d < shape.size(); ++d) {
    size_ *= size_t(shape[d]);
    if (shape[d] != 1) visited.push_back(int(d));
  }
  if (size_ == 0) return;
  if (in_order_of != none) {
    auto& by = strides[in_order_of];
    auto is_outer = [&](int a, int b) { return std::abs(by[size_t(a)]) > std::abs(by[size_t(b)]); };
    // By insertion: they are few, mostly in order, and std::stable_sort allocates.
    for (size_t i = 1; i < visited.size(); ++i)
      for (size_t k = i; k > 0 && is_outer(visited[k], visited[k - 1]); --k)
        std::swap(visited[k], visited[k - 1]);
  }

  for (int dim : visited) {
    auto d = size_t(dim);
    size_t last = strides_.size() - operands_;
    bool merges = !shape_.empty();
    for (size_t i = 0; merges && i < operands_; ++i)
      merges = strides_[last + i] == strides[i][d] * shape[d];
    if (merges) {
      shape_.back() *= shape[d];
      for (size_t i = 0; i < operands_; ++i) strides_[last + i] = strides[i][d];
    } else {
      shape_.push_back(shape[d]);
      for (size_t i = 0; i < operands_; ++i) strides_.push_back(strides[i][d]);
    }
  }
}

bool MergedLayout::is_dense(size_t operand) const {
  int64_t step = 1;
  for (int d = dims(); d-- > 0;) {
    if (stride(operand, d) != step) return false;
    step *= shape(d);
  }
  return true;
}

int64_t MergedLayout::reach(size_t operand) const {
  int64_t distance = 0;
  for (int d = 0; d < dims(); ++d) distance += std::abs(stride(operand, d)) * (shape(d) - 1);
  return distance;
}

}  // namespace mlx::core
