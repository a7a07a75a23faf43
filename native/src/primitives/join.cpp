#include "primitives/join.h"

#include <tuple>

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"
#include "primitives/tangents.h"

namespace mlx::core {

// ---- Concatenate

std::vector<array> Concatenate::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents,
                                    const std::vector<int>& argnums) {
  std::vector<array> parts;
  for (size_t i = 0; i < primals.size(); ++i)
    parts.push_back(tangent_of(i, primals, tangents, argnums, stream()));
  return {concatenate(std::move(parts), axis_, stream())};
}

std::vector<array> Concatenate::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents,
                                    const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<int> begins{0};
  for (auto& primal : primals) begins.push_back(begins.back() + primal.shape(axis_));
  std::vector<array> gradients;
  for (int argnum : argnums) {
    Shape start(cotangents[0].ndim(), 0), stop = cotangents[0].shape();
    start[axis_] = begins[argnum];
    stop[axis_] = begins[argnum + 1];
    gradients.push_back(slice(cotangents[0], start, stop, stream()));
  }
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> Concatenate::vmap(const std::vector<array>& inputs,
                                                                  const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  std::vector<array> parts;
  for (size_t i = 0; i < inputs.size(); ++i)
    parts.push_back(with_mapped_axis_first(inputs[i], axes[i], size, stream()));
  return {{concatenate(std::move(parts), axis_ + 1, stream())}, {0}};
}

std::vector<Shape> Concatenate::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  for (size_t i = 1; i < inputs.size(); ++i) shape[axis_] += inputs[i].shape(axis_);
  return {shape};
}

// ---- Split

std::vector<array> Split::jvp(const std::vector<array>&, const std::vector<array>& tangents,
                              const std::vector<int>&) {
  return split(tangents[0], indices_, axis_, stream());
}

std::vector<array> Split::vjp(const std::vector<array>&, const std::vector<array>& cotangents,
                              const std::vector<int>&, const std::vector<array>&) {
  return {concatenate(cotangents, axis_, stream())};
}

std::pair<std::vector<array>, std::vector<int>> Split::vmap(const std::vector<array>& inputs,
                                                            const std::vector<int>& axes) {
  array first = mapped_axis_first(inputs[0], axes[0], stream());
  auto parts = split(first, indices_, axis_ + 1, stream());
  std::vector<int> part_axes(parts.size(), 0);
  return {std::move(parts), std::move(part_axes)};
}

std::vector<Shape> Split::output_shapes(const std::vector<array>& inputs) {
  std::vector<Shape> shapes;
  for (auto& part : split(inputs[0], indices_, axis_, stream())) shapes.push_back(part.shape());
  return shapes;
}

// ---- Pad

Shape Pad::start(size_t ndim) const {
  Shape start(ndim, 0);
  for (size_t i = 0; i < axes_.size(); ++i) start[axes_[i]] = low_[i];
  return start;
}

std::vector<array> Pad::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                            const std::vector<int>& argnums) {
  return {pad(tangent_of(0, primals, tangents, argnums, stream()), axes_, low_, high_,
              tangent_of(1, primals, tangents, argnums, stream()), "constant", stream())};
}

std::vector<array> Pad::vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                            const std::vector<int>& argnums, const std::vector<array>&) {
  Shape begin = start(primals[0].ndim()), end = begin;
  for (size_t i = 0; i < end.size(); ++i) end[i] += primals[0].shape(int(i));
  std::vector<array> gradients;
  for (int argnum : argnums) {
    if (argnum == 0) {
      gradients.push_back(slice(cotangents[0], begin, end, stream()));
    } else {
      array inside = zeros_view(primals[0], stream());
      gradients.push_back(
          sum(slice_update(cotangents[0], inside, begin, end, stream()), false, stream()));
    }
  }
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> Pad::vmap(const std::vector<array>& inputs,
                                                          const std::vector<int>& axes) {
  std::vector<int> shifted = axes_;
  for (int& axis : shifted) ++axis;
  int size = mapped_axis_size(inputs, axes);
  array values = with_mapped_axis_first(inputs[0], axes[0], size, stream());
  auto padded = [&](const array& a, const array& around) {
    return pad(a, shifted, low_, high_, around, "constant", stream());
  };
  if (axes[1] < 0) return {{padded(values, inputs[1])}, {0}};
  // Each slice has a value of its own around it.
  array inside = padded(ones(values.shape(), bool_, stream()), array(false));
  Shape column(values.ndim(), 1);
  column[0] = size;
  array around = reshape(inputs[1], column, stream());
  array zero = zeros({}, values.dtype(), stream());
  return {{where(inside, padded(values, zero), around, stream())}, {0}};
}

std::vector<Shape> Pad::output_shapes(const std::vector<array>& inputs) {
  Shape shape = inputs[0].shape();
  for (size_t i = 0; i < axes_.size(); ++i) shape[axes_[i]] += low_[i] + high_[i];
  return {shape};
}

}  // namespace mlx::core
