#include "primitives/search_sorted.h"

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"
#include "primitives/tangents.h"

namespace mlx::core {

// Positions change in steps and have no derivatives.

std::vector<array> SearchSorted::jvp(const std::vector<array>& primals, const std::vector<array>&,
                                     const std::vector<int>&) {
  return {zeros_like(primals[1], uint32, stream())};
}

std::vector<array> SearchSorted::vjp(const std::vector<array>& primals, const std::vector<array>&,
                                     const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums) results.push_back(zeros_view(primals[argnum], stream()));
  return results;
}

std::pair<std::vector<array>, std::vector<int>> SearchSorted::vmap(const std::vector<array>& inputs,
                                                                   const std::vector<int>& axes) {
  array sequence = inputs[0], values = inputs[1];
  int mapped = axes[1];
  // A single sequence takes values of any shape as they are.
  if (axes[0] >= 0 || sequence.ndim() > 1) {
    int size = mapped_axis_size(inputs, axes);
    sequence = with_mapped_axis_first(sequence, axes[0], size, stream());
    values = with_mapped_axis_first(values, axes[1], size, stream());
    mapped = 0;
  }
  auto primitive = std::make_shared<SearchSorted>(stream(), right_);
  return {{array(values.shape(), uint32, std::move(primitive), {sequence, values})}, {mapped}};
}

}  // namespace mlx::core
