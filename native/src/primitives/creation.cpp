#include "primitives/creation.h"

#include <tuple>

#include "mlx/ops.h"

namespace mlx::core {

// A size depends on no value.
std::vector<array> NumberOfElements::jvp(const std::vector<array>&, const std::vector<array>&,
                                         const std::vector<int>&) {
  return {zeros({}, dtype_, stream())};
}

std::vector<array> NumberOfElements::vjp(const std::vector<array>& primals,
                                         const std::vector<array>&, const std::vector<int>&,
                                         const std::vector<array>&) {
  return {zeros_like(primals[0], stream())};
}

std::pair<std::vector<array>, std::vector<int>> NumberOfElements::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  // Axes behind the mapped one have moved up.
  std::vector<int> moved = axes_;
  for (int& axis : moved) axis += axis >= axes[0];
  return {{number_of_elements(inputs[0], moved, inverted_, dtype_, stream())}, {-1}};
}

}  // namespace mlx::core
