#include "primitives/gather.h"

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"
#include "primitives/mapped_indices.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

std::vector<array> indices_of(const std::vector<array>& inputs) {
  return {inputs.begin() + 1, inputs.end()};
}

}  // namespace

// ---- Gather

std::vector<array> Gather::jvp(const std::vector<array>& primals,
                               const std::vector<array>& tangents,
                               const std::vector<int>& argnums) {
  if (argnums.back() != 0) refuse_derivative("gather", "indices");
  return {gather(tangents[0], indices_of(primals), axes_, slice_sizes_, stream())};
}

std::vector<array> Gather::vjp(const std::vector<array>& primals,
                               const std::vector<array>& cotangents,
                               const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum > 0) refuse_derivative("gather", "indices");
    results.push_back(scatter_add(zeros_like(primals[0], stream()), indices_of(primals),
                                  cotangents[0], axes_, stream()));
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> Gather::vmap(const std::vector<array>& inputs,
                                                             const std::vector<int>& axes) {
  const array& source = inputs[0];
  auto indices = indices_of(inputs);
  std::vector<int> index_axes(axes.begin() + 1, axes.end());
  Shape sizes = slice_sizes_;

  if (!any_mapped(index_axes)) {
    // The mapped axis is one more along which slices are whole.
    int at = axes[0], index_ndim = indices.empty() ? 0 : int(indices[0].ndim());
    sizes.insert(sizes.begin() + at, source.shape(at));
    std::vector<int> moved = axes_;
    for (int& axis : moved) axis += axis >= at;
    return {{gather(source, indices, moved, sizes, stream())}, {index_ndim + at}};
  }
  int size = mapped_axis_size(inputs, axes);
  indices = mapped_indices(indices, index_axes, size, stream());
  if (axes[0] < 0) return {{gather(source, indices, axes_, sizes, stream())}, {0}};

  // Each index takes its own slice of the mapped axis.
  int index_ndim = int(indices[0].ndim());
  indices.insert(indices.begin(), slice_numbers(size, size_t(index_ndim), stream()));
  std::vector<int> moved = {0};
  for (int axis : axes_) moved.push_back(axis + 1);
  sizes.insert(sizes.begin(), 1);
  array result =
      gather(mapped_axis_first(source, axes[0], stream()), indices, moved, sizes, stream());
  return {{squeeze(result, index_ndim, stream())}, {0}};
}

std::vector<Shape> Gather::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs.size() > 1 ? inputs[1].shape() : Shape{};
  shape.insert(shape.end(), slice_sizes_.begin(), slice_sizes_.end());
  return {shape};
}

// ---- GatherAxis

std::vector<array> GatherAxis::jvp(const std::vector<array>& primals,
                                   const std::vector<array>& tangents,
                                   const std::vector<int>& argnums) {
  if (argnums.back() != 0) refuse_derivative("gather_axis", "indices");
  return {take_along_axis(tangents[0], primals[1], axis_, stream())};
}

std::vector<array> GatherAxis::vjp(const std::vector<array>& primals,
                                   const std::vector<array>& cotangents,
                                   const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum > 0) refuse_derivative("gather_axis", "indices");
    results.push_back(scatter_add_axis(zeros_like(primals[0], stream()), primals[1], cotangents[0],
                                       axis_, stream()));
  }
  return results;
}

std::pair<std::vector<array>, std::vector<int>> GatherAxis::vmap(const std::vector<array>& inputs,
                                                                 const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  array source = with_mapped_axis_first(inputs[0], axes[0], size, stream());
  array indices = with_mapped_axis_first(inputs[1], axes[1], size, stream());
  return {{take_along_axis(source, indices, axis_ + 1, stream())}, {0}};
}

}  // namespace mlx::core
