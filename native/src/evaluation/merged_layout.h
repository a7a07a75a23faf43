#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mlx/small_vector.h"

namespace mlx::core {

/// How several operands of one shape lie in memory, over the dimensions that are left after those
/// that all of them run through alike were merged; innermost last. Strides count elements.
class MergedLayout {
 public:
  using Strides = std::span<const int64_t>;
  static constexpr size_t none = size_t(-1);

  /// Visits dimensions in the order of one operand's memory, or else as the shape has them.
  MergedLayout(std::span<const int32_t> shape, std::span<const Strides> strides,
               size_t in_order_of = none);

  size_t size() const { return size_; }
  int dims() const { return int(shape_.size()); }
  size_t operands() const { return operands_; }
  int64_t shape(int dim) const { return shape_[size_t(dim)]; }
  int64_t stride(size_t operand, int dim) const {
    return strides_[size_t(dim) * operands_ + operand];
  }
  /// Runs through memory without gaps over all dimensions.
  bool is_dense(size_t operand) const;
  /// The largest distance in elements of any element from the operand's first.
  int64_t reach(size_t operand) const;

 private:
  size_t size_ = 1;
  size_t operands_;
  SmallVector<int64_t, 8> shape_;
  SmallVector<int64_t, 48> strides_;
};

}  // namespace mlx::core
