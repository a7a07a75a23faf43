#include "primitives/partition.h"

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

/// A trace of other sizes may meet an axis that ends before the position.
Shape checked_shape(const char* name, const array& a, int kth, int axis) {
  if (kth >= a.shape(axis))
    throw std::out_of_range(concat_text("[", name, "] Position ", kth,
                                        " is out of bounds for axis ", axis, " of shape ",
                                        a.shape(), "."));
  return a.shape();
}

}  // namespace

std::vector<Shape> Partition::output_shapes(const std::vector<array>& inputs) {
  return {checked_shape("partition", inputs[0], kth_, axis_)};
}

std::vector<Shape> ArgPartition::output_shapes(const std::vector<array>& inputs) {
  return {checked_shape("argpartition", inputs[0], kth_, axis_)};
}

// Partitioning is a permutation: tangents follow it, cotangents go back along it. kth counts from
// the start, so it says the same for an axis that moved.

std::vector<array> Partition::jvp(const std::vector<array>& primals,
                                  const std::vector<array>& tangents, const std::vector<int>&) {
  array order = argpartition(primals[0], kth_, axis_, stream());
  return {take_along_axis(tangents[0], order, axis_, stream())};
}

std::vector<array> Partition::vjp(const std::vector<array>& primals,
                                  const std::vector<array>& cotangents, const std::vector<int>&,
                                  const std::vector<array>&) {
  array order = argpartition(primals[0], kth_, axis_, stream());
  array nothing = zeros_view(primals[0], stream());
  return {put_along_axis(nothing, order, cotangents[0], axis_, stream())};
}

std::pair<std::vector<array>, std::vector<int>> Partition::vmap(const std::vector<array>& inputs,
                                                                const std::vector<int>& axes) {
  return {{partition(inputs[0], kth_, axis_ + (axis_ >= axes[0]), stream())}, axes};
}

std::vector<array> ArgPartition::jvp(const std::vector<array>& primals, const std::vector<array>&,
                                     const std::vector<int>&) {
  return {zeros_like(primals[0], uint32, stream())};
}

std::vector<array> ArgPartition::vjp(const std::vector<array>& primals, const std::vector<array>&,
                                     const std::vector<int>&, const std::vector<array>&) {
  return {zeros_view(primals[0], stream())};
}

std::pair<std::vector<array>, std::vector<int>> ArgPartition::vmap(const std::vector<array>& inputs,
                                                                   const std::vector<int>& axes) {
  return {{argpartition(inputs[0], kth_, axis_ + (axis_ >= axes[0]), stream())}, axes};
}

}  // namespace mlx::core
