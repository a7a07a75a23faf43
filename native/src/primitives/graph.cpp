#include "primitives/graph.h"

#include "mlx/ops.h"
#include "primitives/tangents.h"

namespace mlx::core {

array Copy::apply(const array& input) const { return copy(input, stream()); }

array Contiguous::apply(const array& input) const {
  return contiguous(input, allow_col_major_, stream());
}

// ---- StopGradient

std::vector<array> StopGradient::jvp(const std::vector<array>& primals, const std::vector<array>&,
                                     const std::vector<int>&) {
  return {zeros_view(primals[0], stream())};
}

std::vector<array> StopGradient::vjp(const std::vector<array>& primals, const std::vector<array>&,
                                     const std::vector<int>&, const std::vector<array>&) {
  return {zeros_view(primals[0], stream())};
}

std::pair<std::vector<array>, std::vector<int>> StopGradient::vmap(const std::vector<array>& inputs,
                                                                   const std::vector<int>& axes) {
  return {{stop_gradient(inputs[0], stream())}, axes};
}

// ---- Depends

std::vector<array> Depends::jvp(const std::vector<array>& primals,
                                const std::vector<array>& tangents,
                                const std::vector<int>& argnums) {
  std::vector<array> results;
  for (size_t i = 0; i < outputs_; ++i)
    results.push_back(tangent_of(i, primals, tangents, argnums, stream()));
  return results;
}

std::vector<array> Depends::vjp(const std::vector<array>& primals,
                                const std::vector<array>& cotangents,
                                const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums)
    results.push_back(size_t(argnum) < outputs_ ? cotangents[argnum]
                                                : zeros_view(primals[argnum], stream()));
  return results;
}

std::pair<std::vector<array>, std::vector<int>> Depends::vmap(const std::vector<array>& inputs,
                                                              const std::vector<int>& axes) {
  auto border = inputs.begin() + std::ptrdiff_t(outputs_);
  return {
      depends(std::vector<array>(inputs.begin(), border), std::vector<array>(border, inputs.end())),
      {axes.begin(), axes.begin() + std::ptrdiff_t(outputs_)}};
}

std::vector<Shape> Depends::output_shapes(const std::vector<array>& inputs) {
  std::vector<Shape> shapes;
  for (size_t i = 0; i < outputs_; ++i) shapes.push_back(inputs[i].shape());
  return shapes;
}

}  // namespace mlx::core
