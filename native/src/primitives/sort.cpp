#include "primitives/sort.h"

#include "mlx/ops.h"

namespace mlx::core {

// Sorting is a permutation: tangents follow it, cotangents go back along it.

std::vector<array> Sort::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                             const std::vector<int>&) {
  array order = argsort(primals[0], axis_, stream());
  return {take_along_axis(tangents[0], order, axis_, stream())};
}

std::vector<array> Sort::vjp(const std::vector<array>& primals,
                             const std::vector<array>& cotangents, const std::vector<int>&,
                             const std::vector<array>&) {
  array order = argsort(primals[0], axis_, stream());
  array nothing = zeros_like(primals[0], stream());
  return {put_along_axis(nothing, order, cotangents[0], axis_, stream())};
}

std::pair<std::vector<array>, std::vector<int>> Sort::vmap(const std::vector<array>& inputs,
                                                           const std::vector<int>& axes) {
  return {{sort(inputs[0], axis_ + (axis_ >= axes[0]), stream())}, axes};
}

std::vector<array> ArgSort::jvp(const std::vector<array>& primals, const std::vector<array>&,
                                const std::vector<int>&) {
  return {zeros_like(primals[0], uint32, stream())};
}

std::vector<array> ArgSort::vjp(const std::vector<array>& primals, const std::vector<array>&,
                                const std::vector<int>&, const std::vector<array>&) {
  return {zeros_like(primals[0], stream())};
}

std::pair<std::vector<array>, std::vector<int>> ArgSort::vmap(const std::vector<array>& inputs,
                                                              const std::vector<int>& axes) {
  return {{argsort(inputs[0], axis_ + (axis_ >= axes[0]), stream())}, axes};
}

}  // namespace mlx::core
