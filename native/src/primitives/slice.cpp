#include "primitives/slice.h"

#include "mlx/ops.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

Shape prepend(int value, const Shape& values) {
  Shape result = values;
  result.insert(result.begin(), value);
  return result;
}

std::vector<int> shifted(std::vector<int> axes) {
  for (int& axis : axes) ++axis;
  return axes;
}

std::vector<int> with_first_axis(const std::vector<int>& axes) {
  auto result = shifted(axes);
  result.insert(result.begin(), 0);
  return result;
}

/// The columns of mapped begins: for each sliced axis, where every slice begins.
std::vector<array> begins_of(const array& start, size_t count, const Stream& stream) {
  std::vector<array> begins;
  for (size_t i = 0; i < count; ++i) begins.push_back(take(start, int(i), 1, stream));
  return begins;
}

}  // namespace

// ---- Slice

array Slice::apply(const array& input) const {
  return slice(input, start_, stop_, strides_, stream());
}

array Slice::apply_mapped(const array& input) const {
  return slice(input, prepend(0, start_), prepend(input.shape(0), stop_), prepend(1, strides_),
               stream());
}

array Slice::adjoint(const array& primal, const array& cotangent) const {
  return slice_update(zeros_like(primal, stream()), cotangent, start_, stop_, strides_, stream());
}

// ---- SliceUpdate

std::vector<array> SliceUpdate::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents,
                                    const std::vector<int>& argnums) {
  return {slice_update(tangent_of(0, primals, tangents, argnums, stream()),
                       tangent_of(1, primals, tangents, argnums, stream()), start_, stop_, strides_,
                       stream())};
}

std::vector<array> SliceUpdate::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents,
                                    const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> gradients;
  for (int argnum : argnums) {
    if (argnum == 0) {
      gradients.push_back(slice_update(cotangents[0], zeros_view(primals[1], stream()), start_,
                                       stop_, strides_, stream()));
    } else {
      gradients.push_back(slice(cotangents[0], start_, stop_, strides_, stream()));
    }
  }
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> SliceUpdate::vmap(const std::vector<array>& inputs,
                                                                  const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  array source = with_mapped_axis_first(inputs[0], axes[0], size, stream());
  array update = with_mapped_axis_first(inputs[1], axes[1], size, stream());
  return {{slice_update(source, update, prepend(0, start_), prepend(size, stop_),
                        prepend(1, strides_), stream())},
          {0}};
}

// ---- DynamicSlice

std::vector<array> DynamicSlice::jvp(const std::vector<array>& primals,
                                     const std::vector<array>& tangents,
                                     const std::vector<int>& argnums) {
  if (argnums.back() > 0) refuse_derivative("slice", "starts");
  return {slice(tangent_of(0, primals, tangents, argnums, stream()), primals[1], axes_, slice_size_,
                stream())};
}

std::vector<array> DynamicSlice::vjp(const std::vector<array>& primals,
                                     const std::vector<array>& cotangents,
                                     const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> gradients;
  for (int argnum : argnums) {
    if (argnum > 0) refuse_derivative("slice", "starts");
    array zero = zeros_like(primals[0], stream());
    gradients.push_back(slice_update(zero, cotangents[0], primals[1], axes_, stream()));
  }
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> DynamicSlice::vmap(const std::vector<array>& inputs,
                                                                   const std::vector<int>& axes) {
  array source = mapped_axis_first(inputs[0], axes[0], stream());
  if (axes[1] < 0)
    return {
        {slice(source, inputs[1], shifted(axes_), prepend(source.shape(0), slice_size_), stream())},
        {0}};
  array start = mapped_axis_first(inputs[1], axes[1], stream());
  auto begins = begins_of(start, axes_.size(), stream());
  if (axes[0] < 0) return {{gather(source, begins, axes_, slice_size_, stream())}, {0}};
  begins.insert(begins.begin(), arange(source.shape(0), stream()));
  array rows = gather(source, begins, with_first_axis(axes_), prepend(1, slice_size_), stream());
  return {{squeeze(rows, 1, stream())}, {0}};
}

// ---- DynamicSliceUpdate

std::vector<array> DynamicSliceUpdate::jvp(const std::vector<array>& primals,
                                           const std::vector<array>& tangents,
                                           const std::vector<int>& argnums) {
  if (argnums.back() > 1) refuse_derivative("slice_update", "starts");
  return {slice_update(tangent_of(0, primals, tangents, argnums, stream()),
                       tangent_of(1, primals, tangents, argnums, stream()), primals[2], axes_,
                       stream())};
}

std::vector<array> DynamicSliceUpdate::vjp(const std::vector<array>& primals,
                                           const std::vector<array>& cotangents,
                                           const std::vector<int>& argnums,
                                           const std::vector<array>&) {
  const array& start = primals[2];
  std::vector<array> gradients;
  for (int argnum : argnums) {
    if (argnum == 0) {
      gradients.push_back(
          slice_update(cotangents[0], zeros_view(primals[1], stream()), start, axes_, stream()));
    } else if (argnum == 1) {
      gradients.push_back(slice(cotangents[0], start, axes_, primals[1].shape(), stream()));
    } else {
      refuse_derivative("slice_update", "starts");
    }
  }
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> DynamicSliceUpdate::vmap(
    const std::vector<array>& inputs, const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  array source = with_mapped_axis_first(inputs[0], axes[0], size, stream());
  array update = with_mapped_axis_first(inputs[1], axes[1], size, stream());
  if (axes[2] < 0)
    return {{slice_update(source, update, inputs[2], shifted(axes_), stream())}, {0}};
  array start = mapped_axis_first(inputs[2], axes[2], stream());
  auto begins = begins_of(start, axes_.size(), stream());
  begins.insert(begins.begin(), arange(size, stream()));
  array updates = expand_dims(update, 1, stream());
  return {{scatter(source, begins, updates, with_first_axis(axes_), stream())}, {0}};
}

}  // namespace mlx::core
