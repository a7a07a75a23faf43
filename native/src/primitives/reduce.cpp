#include "primitives/reduce.h"

#include <algorithm>
#include <tuple>

#include "mlx/ops.h"
#include "primitives/elementwise.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

/// For each element along the last axis the product of all others. A tree of pairs costs as much
/// as two products and, unlike a division by the element, is right for zeros.
array products_of_others(const array& x, const Stream& s) {
  int n = x.shape(-1);
  if (n <= 1) return ones_like(x, s);
  auto elements = [&](const array& a, int begin, int end) {
    Shape start(a.ndim(), 0), stop = a.shape();
    start.back() = begin;
    stop.back() = end;
    return slice(a, start, stop, s);
  };
  bool is_odd = n % 2;
  array even = x;
  if (is_odd) even = pad(x, {int(x.ndim()) - 1}, {0}, {1}, array(1, x.dtype()), "constant", s);
  array pairs = unflatten(even, -1, {(n + 1) / 2, 2}, s);
  array first = elements(pairs, 0, 1), second = elements(pairs, 1, 2);
  array others = products_of_others(squeeze(multiply(first, second, s), -1, s), s);
  others = expand_dims(others, -1, s);
  array both = concatenate({multiply(others, second, s), multiply(others, first, s)}, -1, s);
  array result = flatten(both, -2, -1, s);
  return is_odd ? elements(result, 0, n) : result;
}

/// The same over several axes at once.
array products_of_others(const array& x, const std::vector<int>& axes, const Stream& s) {
  std::vector<int> order, inverse(x.ndim());
  for (int i = 0; i < int(x.ndim()); ++i)
    if (!std::binary_search(axes.begin(), axes.end(), i)) order.push_back(i);
  int kept = int(order.size());
  order.insert(order.end(), axes.begin(), axes.end());
  for (size_t i = 0; i < order.size(); ++i) inverse[order[i]] = int(i);
  array moved = transpose(x, order, s);
  Shape shape = moved.shape();
  array others = products_of_others(flatten(moved, kept, -1, s), s);
  return transpose(reshape(others, shape, s), inverse, s);
}

/// Which elements are the extreme one; NaN is when there is one.
array extreme_mask(const array& x, const array& extreme, const Stream& s) {
  return elementwise_node(ElementwiseOp::NaNEqual, x, extreme, s);
}

std::vector<int> axes_past(const std::vector<int>& axes, int mapped_axis) {
  std::vector<int> moved = axes;
  for (int& axis : moved) axis += axis >= mapped_axis;
  return moved;
}

}  // namespace

Shape reduced_shape(const Shape& shape, const std::vector<int>& axes, bool keepdims) {
  Shape result;
  for (int i = 0; i < int(shape.size()); ++i) {
    if (!std::binary_search(axes.begin(), axes.end(), i))
      result.push_back(shape[i]);
    else if (keepdims)
      result.push_back(1);
  }
  return result;
}

// ---- Reduce

array Reduce::apply(const array& a, std::vector<int> axes) const {
  Shape shape = reduced_shape(a.shape(), axes, keepdims_);
  auto primitive = std::make_shared<Reduce>(stream(), type_, std::move(axes), keepdims_, dtype_);
  return array(std::move(shape), dtype_, std::move(primitive), {a});
}

array Reduce::with_axes(const array& result) const {
  return keepdims_ ? result : expand_dims(result, axes_, stream());
}

std::vector<array> Reduce::jvp(const std::vector<array>& primals,
                               const std::vector<array>& tangents, const std::vector<int>&) {
  const array &x = primals[0], &tangent = tangents[0];
  switch (type_) {
    case Sum:
      return {apply(tangent, axes_)};
    case Prod: {
      array others = products_of_others(x, axes_, stream());
      return {sum(multiply(others, tangent, stream()), axes_, keepdims_, stream())};
    }
    case Min:
    case Max: {
      array mask = extreme_mask(x, with_axes(apply(x, axes_)), stream());
      array chosen = where(mask, tangent, array(0, tangent.dtype()), stream());
      array total = sum(chosen, axes_, keepdims_, stream());
      array count = sum(mask, axes_, keepdims_, stream());
      array mean = divide(total, astype(count, total.dtype(), stream()), stream());
      return {astype(mean, dtype_, stream())};
    }
    default:
      return {zeros(reduced_shape(x.shape(), axes_, keepdims_), dtype_, stream())};
  }
}

std::vector<array> Reduce::vjp(const std::vector<array>& primals,
                               const std::vector<array>& cotangents, const std::vector<int>&,
                               const std::vector<array>& outputs) {
  const array& x = primals[0];
  if (type_ == And || type_ == Or) return {zeros_like(x, stream())};
  array cotangent = astype(with_axes(cotangents[0]), x.dtype(), stream());
  switch (type_) {
    case Sum:
      return {broadcast_like(cotangent, x, stream())};
    case Prod: {
      array others = products_of_others(x, axes_, stream());
      return {multiply(cotangent, conjugate(others, stream()), stream())};
    }
    default: {
      array mask = extreme_mask(x, with_axes(outputs[0]), stream());
      array count = astype(sum(mask, axes_, true, stream()), x.dtype(), stream());
      array share = divide(cotangent, count, stream());
      return {where(mask, share, array(0, share.dtype()), stream())};
    }
  }
}

std::pair<std::vector<array>, std::vector<int>> Reduce::vmap(const std::vector<array>& inputs,
                                                             const std::vector<int>& axes) {
  auto moved = axes_past(axes_, axes[0]);
  int before = 0;
  if (!keepdims_)
    before = int(std::count_if(moved.begin(), moved.end(), [&](int i) { return i < axes[0]; }));
  return {{apply(inputs[0], std::move(moved))}, {axes[0] - before}};
}

const char* Reduce::name() const {
  switch (type_) {
    case And:
      return "And";
    case Or:
      return "Or";
    case Sum:
      return "Sum";
    case Prod:
      return "Prod";
    case Min:
      return "Min";
    default:
      return "Max";
  }
}

std::vector<Shape> Reduce::output_shapes(const std::vector<array>& inputs) {
  return {reduced_shape(inputs[0].shape(), axes_, keepdims_)};
}

// ---- ArgReduce: a position doesn't change with small changes of the values

std::vector<array> ArgReduce::jvp(const std::vector<array>& primals, const std::vector<array>&,
                                  const std::vector<int>&) {
  return {zeros(output_shapes(primals)[0], uint32, stream())};
}

std::vector<array> ArgReduce::vjp(const std::vector<array>& primals, const std::vector<array>&,
                                  const std::vector<int>&, const std::vector<array>&) {
  return {zeros_like(primals[0], stream())};
}

std::pair<std::vector<array>, std::vector<int>> ArgReduce::vmap(const std::vector<array>& inputs,
                                                                const std::vector<int>& axes) {
  int axis = axis_ + (axis_ >= axes[0]);
  Shape shape = reduced_shape(inputs[0].shape(), {axis}, keepdims_);
  auto primitive = std::make_shared<ArgReduce>(stream(), type_, axis, keepdims_);
  array result(std::move(shape), uint32, std::move(primitive), inputs);
  return {{result}, {axes[0] - (!keepdims_ && axis < axes[0])}};
}

std::vector<Shape> ArgReduce::output_shapes(const std::vector<array>& inputs) {
  return {reduced_shape(inputs[0].shape(), {axis_}, keepdims_)};
}

}  // namespace mlx::core
