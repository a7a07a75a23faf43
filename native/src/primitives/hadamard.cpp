#include "primitives/hadamard.h"

#include "primitives/mapped_axis.h"

namespace mlx::core {

array Hadamard::transformed(const array& a, bool transpose) const {
  auto node = std::make_shared<Hadamard>(stream(), scale_, transpose);
  return array(a.shape(), a.dtype(), std::move(node), {a});
}

std::vector<array> Hadamard::jvp(const std::vector<array>&, const std::vector<array>& tangents,
                                 const std::vector<int>&) {
  return {transformed(tangents[0], transpose_)};
}

std::vector<array> Hadamard::vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                                 const std::vector<int>&, const std::vector<array>&) {
  return {transformed(cotangents[0], !transpose_)};
}

std::pair<std::vector<array>, std::vector<int>> Hadamard::vmap(const std::vector<array>& inputs,
                                                               const std::vector<int>& axes) {
  return {{transformed(mapped_axis_first(inputs[0], axes[0], stream()), transpose_)}, {0}};
}

}  // namespace mlx::core
