#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "cpu/matmul/scratch.h"

namespace mlx::core::cpu {

/// Numbers that a plan needs for as long as it lives. Large ones count as the engine's memory,
/// within its limit; others don't, so that cached plans are no arrays that someone forgot.
class Table {
 public:
  /// Zeros, or anything in a large table.
  explicit Table(size_t count) : size_(count) {
    if (is_large())
      counted_ = std::make_unique<Scratch<float>>(int64_t(count));
    else
      small_.resize(count);
    data_ = is_large() ? counted_->data() : small_.data();
  }

  bool is_large() const { return size_ > kMostUncounted; }
  size_t size() const { return size_; }
  float* data() { return data_; }
  const float* data() const { return data_; }

 private:
  static constexpr size_t kMostUncounted = size_t(8) << 20;

  size_t size_;
  float* data_;
  std::vector<float> small_;
  std::unique_ptr<Scratch<float>> counted_;
};

}  // namespace mlx::core::cpu
