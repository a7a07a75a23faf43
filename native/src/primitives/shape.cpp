#include "primitives/shape.h"

#include <algorithm>
#include <numeric>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "ops/infer_shape.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

Shape prepend(int size, const Shape& shape) {
  Shape result = shape;
  result.insert(result.begin(), size);
  return result;
}

std::vector<int> shifted(std::vector<int> axes) {
  for (int& axis : axes) ++axis;
  return axes;
}

Shape without_first(const Shape& shape) { return Shape(shape.begin() + 1, shape.end()); }

}  // namespace

// ---- Broadcast

array Broadcast::apply(const array& input) const { return broadcast_to(input, shape_, stream()); }

array Broadcast::apply_mapped(const array& input) const {
  return broadcast_to(input, prepend(input.shape(0), shape_), stream());
}

array Broadcast::adjoint(const array& primal, const array& cotangent) const {
  size_t lead = cotangent.ndim() - primal.ndim();
  std::vector<int> axes, new_axes(lead);
  std::iota(new_axes.begin(), new_axes.end(), 0);
  for (size_t i = 0; i < cotangent.ndim(); ++i)
    if (i < lead || (primal.shape(int(i - lead)) == 1 && cotangent.shape(int(i)) != 1))
      axes.push_back(int(i));
  array total = axes.empty() ? cotangent : sum(cotangent, axes, true, stream());
  return new_axes.empty() ? total : squeeze(total, new_axes, stream());
}

std::vector<array> Broadcast::jvp(const std::vector<array>& primals,
                                  const std::vector<array>& tangents,
                                  const std::vector<int>& argnums) {
  std::vector<array> partners = primals;
  partners[0] = tangent_of(0, primals, tangents, argnums, stream());
  if (partners.size() == 1) return {apply(partners[0])};
  return {broadcast_arrays(partners, stream())[0]};
}

std::vector<array> Broadcast::vjp(const std::vector<array>& primals,
                                  const std::vector<array>& cotangents,
                                  const std::vector<int>& argnums, const std::vector<array>&) {
  std::vector<array> gradients;
  for (int argnum : argnums)
    gradients.push_back(argnum == 0 ? adjoint(primals[0], cotangents[0])
                                    : zeros_view(primals[argnum], stream()));
  return gradients;
}

std::pair<std::vector<array>, std::vector<int>> Broadcast::vmap(const std::vector<array>& inputs,
                                                                const std::vector<int>& axes) {
  // The mapped axis stands first, then as many axes as the output has.
  std::vector<array> aligned;
  for (size_t i = 0; i < inputs.size(); ++i) {
    array a = mapped_axis_first(inputs[i], axes[i], stream());
    if (axes[i] >= 0 && a.ndim() <= shape_.size()) {
      std::vector<int> missing(shape_.size() + 1 - a.ndim());
      std::iota(missing.begin(), missing.end(), 1);
      a = expand_dims(a, missing, stream());
    }
    aligned.push_back(std::move(a));
  }
  if (inputs.size() == 1) return {{apply_mapped(aligned[0])}, {0}};
  return {{broadcast_arrays(aligned, stream())[0]}, {0}};
}

std::vector<Shape> Broadcast::output_shapes(const std::vector<array>& inputs) {
  if (inputs.size() == 1) return {apply(inputs[0]).shape()};
  Shape shape;
  for (auto& input : inputs) shape = broadcast_shapes(shape, input.shape());
  return {shape};
}

// ---- Reshape

array Reshape::apply(const array& input) const { return reshape(input, shape_, stream()); }

array Reshape::apply_mapped(const array& input) const {
  Shape inner = infer_shape("reshape", without_first(input.shape()), shape_);
  return reshape(input, prepend(input.shape(0), inner), stream());
}

array Reshape::adjoint(const array& primal, const array& cotangent) const {
  return reshape(cotangent, primal.shape(), stream());
}

// ---- Flatten

array Flatten::apply(const array& input) const {
  return flatten(input, start_axis_, end_axis_, stream());
}

array Flatten::apply_mapped(const array& input) const {
  return flatten(input, start_axis_ + 1, end_axis_ + 1, stream());
}

array Flatten::adjoint(const array& primal, const array& cotangent) const {
  auto begin = primal.shape().begin();
  return unflatten(cotangent, start_axis_, Shape(begin + start_axis_, begin + end_axis_ + 1),
                   stream());
}

// ---- Unflatten

array Unflatten::apply(const array& input) const {
  return unflatten(input, axis_, shape_, stream());
}

array Unflatten::apply_mapped(const array& input) const {
  return unflatten(input, axis_ + 1, shape_, stream());
}

array Unflatten::adjoint(const array&, const array& cotangent) const {
  return flatten(cotangent, axis_, axis_ + int(shape_.size()) - 1, stream());
}

// ---- Squeeze and ExpandDims

array Squeeze::apply(const array& input) const { return squeeze(input, axes_, stream()); }
array Squeeze::apply_mapped(const array& input) const {
  return squeeze(input, shifted(axes_), stream());
}
array Squeeze::adjoint(const array&, const array& cotangent) const {
  return expand_dims(cotangent, axes_, stream());
}

array ExpandDims::apply(const array& input) const { return expand_dims(input, axes_, stream()); }
array ExpandDims::apply_mapped(const array& input) const {
  return expand_dims(input, shifted(axes_), stream());
}
array ExpandDims::adjoint(const array&, const array& cotangent) const {
  return squeeze(cotangent, axes_, stream());
}

// ---- Transpose

array Transpose::apply(const array& input) const { return transpose(input, axes_, stream()); }

array Transpose::apply_mapped(const array& input) const {
  auto axes = shifted(axes_);
  axes.insert(axes.begin(), 0);
  return transpose(input, axes, stream());
}

array Transpose::adjoint(const array&, const array& cotangent) const {
  std::vector<int> inverse(axes_.size());
  for (size_t i = 0; i < axes_.size(); ++i) inverse[size_t(axes_[i])] = int(i);
  return transpose(cotangent, inverse, stream());
}

// ---- AsStrided

array AsStrided::apply(const array& input) const {
  return as_strided(input, shape_, strides_, offset_, stream());
}

array AsStrided::apply_mapped(const array& input) const {
  Strides strides = strides_;
  strides.insert(strides.begin(), int64_t(input.shape(1)));
  return as_strided(input, prepend(input.shape(0), shape_), strides, offset_, stream());
}

array AsStrided::adjoint(const array& primal, const array& cotangent) const {
  // Several elements may come from one place, where their gradients add up.
  array places = as_strided(arange(primal.shape(0), stream()), shape_, strides_, offset_, stream());
  array updates = expand_dims(flatten(cotangent, stream()), 1, stream());
  return scatter_add(zeros_like(primal, stream()), flatten(places, stream()), updates, 0, stream());
}

// ---- View

bool View::is_linear_from(Dtype input) const {
  return (input == complex64 && dtype_ == float32) || (input == float32 && dtype_ == complex64);
}

array View::apply(const array& input) const { return view(input, dtype_, stream()); }

std::vector<array> View::jvp(const std::vector<array>& primals, const std::vector<array>& tangents,
                             const std::vector<int>&) {
  if (is_linear_from(primals[0].dtype())) return {apply(tangents[0])};
  return {zeros_view(apply(primals[0]), stream())};
}

array View::adjoint(const array& primal, const array& cotangent) const {
  if (is_linear_from(primal.dtype())) return view(cotangent, primal.dtype(), stream());
  return zeros_view(primal, stream());
}

}  // namespace mlx::core
