#include "primitives/scatter.h"

#include <functional>
#include <limits>
#include <optional>
#include <tuple>

#include "mlx/ops.h"
#include "primitives/elementwise.h"
#include "primitives/mapped_axis.h"
#include "primitives/mapped_indices.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

/// The places in a target that the updates go to, whatever names them.
struct Places {
  std::function<array(const array& target)> read;
  std::function<array(ScatterReduction, const array& target, const array& updates)> write;
  /// One slice only, which can't meet another.
  bool distinct;
};

/// A diagonal derivative: v * factor where the mask holds, 0 elsewhere.
struct Weight {
  std::optional<array> mask, factor;

  array apply(array v, bool adjoint, const Stream& s) const {
    if (factor) v = multiply(v, adjoint ? conjugate(*factor, s) : *factor, s);
    return mask ? where(*mask, v, array(0, v.dtype()), s) : v;
  }
};

/// The result's derivatives for the target, and for the updates once these are added to zeros.
struct Weights {
  Weight target, updates;
};

Weights replacing_weights(const Places& places, const array& target, const array& updates,
                          const Stream& s) {
  array untouched = places.write(ScatterReduction::None, full(target.shape(), true, s),
                                 full(updates.shape(), false, s));
  if (places.distinct) return {{untouched, std::nullopt}, {}};
  // Of updates that meet, the last one counts: the one whose number is found there.
  bool is_large = updates.size() > size_t(std::numeric_limits<int32_t>::max());
  Dtype dtype = is_large ? int64 : int32;
  array numbers = reshape(arange(0.0, double(updates.size()), 1.0, dtype, s), updates.shape(), s);
  array written =
      places.write(ScatterReduction::None, full(target.shape(), array(0, dtype), s), numbers);
  return {{untouched, std::nullopt}, {equal(places.read(written), numbers, s), std::nullopt}};
}

Weights product_weights(const Places& places, const array& target, const array& updates,
                        const Stream& s) {
  array unit = ones_like(target, s);
  array for_target = places.write(ScatterReduction::Prod, unit, updates);
  // The product of all but one update: divide by it, with the zeros counted apart.
  array is_zero = equal(updates, array(0, updates.dtype()), s);
  array divisors = where(is_zero, array(1, updates.dtype()), updates, s);
  array product = multiply(target, places.write(ScatterReduction::Prod, unit, divisors), s);
  array zero_counts = places.write(ScatterReduction::Sum, zeros(target.shape(), int32, s),
                                   astype(is_zero, int32, s));
  array other_zeros = subtract(places.read(zero_counts), astype(is_zero, int32, s), s);
  array others = divide(places.read(product), divisors, s);
  return {{std::nullopt, for_target}, {equal(other_zeros, array(0), s), others}};
}

Weights extreme_weights(const Places& places, const array& target, const array& updates,
                        const array& output, const Stream& s) {
  auto same = [&](const array& a, const array& b) {
    return elementwise_node(ElementwiseOp::NaNEqual, a, b, s);
  };
  array in_target = same(target, output), in_updates = same(updates, places.read(output));
  array count = places.write(ScatterReduction::Sum, astype(in_target, float32, s),
                             astype(in_updates, float32, s));
  array share = astype(reciprocal(count, s), target.dtype(), s);
  return {{in_target, share}, {in_updates, places.read(share)}};
}

Weights weights(ScatterReduction reduction, const Places& places, const array& target,
                const array& updates, const array& output, const Stream& s) {
  switch (reduction) {
    case ScatterReduction::None:
      return replacing_weights(places, target, updates, s);
    case ScatterReduction::Sum:
      return {};
    case ScatterReduction::Prod:
      return product_weights(places, target, updates, s);
    default:
      return extreme_weights(places, target, updates, output, s);
  }
}

std::vector<array> scatter_jvp(ScatterReduction reduction, const Places& places,
                               const std::vector<array>& primals,
                               const std::vector<array>& tangents, const std::vector<int>& argnums,
                               const Stream& s) {
  const array &target = primals.front(), &updates = primals.back();
  array target_tangent = zeros_like(target, s), updates_tangent = zeros_like(updates, s);
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] == 0)
      target_tangent = tangents[i];
    else if (argnums[i] == int(primals.size()) - 1)
      updates_tangent = tangents[i];
    else
      refuse_derivative("scatter", "indices");
  }
  // These are linear.
  if (reduction == ScatterReduction::None || reduction == ScatterReduction::Sum)
    return {places.write(reduction, target_tangent, updates_tangent)};
  array output = places.write(reduction, target, updates);
  auto weight = weights(reduction, places, target, updates, output, s);
  return {places.write(ScatterReduction::Sum, weight.target.apply(target_tangent, false, s),
                       weight.updates.apply(updates_tangent, false, s))};
}

std::vector<array> scatter_vjp(ScatterReduction reduction, const Places& places,
                               const std::vector<array>& primals, const array& cotangent,
                               const std::vector<int>& argnums, const array& output,
                               const Stream& s) {
  auto weight = weights(reduction, places, primals.front(), primals.back(), output, s);
  std::vector<array> results;
  for (int argnum : argnums) {
    if (argnum == 0)
      results.push_back(weight.target.apply(cotangent, true, s));
    else if (argnum == int(primals.size()) - 1)
      results.push_back(weight.updates.apply(places.read(cotangent), true, s));
    else
      refuse_derivative("scatter", "indices");
  }
  return results;
}

array scatter_by(ScatterReduction reduction, const array& target, const std::vector<array>& indices,
                 const array& updates, const std::vector<int>& axes, const Stream& s) {
  switch (reduction) {
    case ScatterReduction::None:
      return scatter(target, indices, updates, axes, s);
    case ScatterReduction::Sum:
      return scatter_add(target, indices, updates, axes, s);
    case ScatterReduction::Prod:
      return scatter_prod(target, indices, updates, axes, s);
    case ScatterReduction::Max:
      return scatter_max(target, indices, updates, axes, s);
    default:
      return scatter_min(target, indices, updates, axes, s);
  }
}

array scatter_axis_by(ScatterReduction reduction, const array& target, const array& indices,
                      const array& updates, int axis, const Stream& s) {
  return reduction == ScatterReduction::Sum ? scatter_add_axis(target, indices, updates, axis, s)
                                            : put_along_axis(target, indices, updates, axis, s);
}

std::vector<array> indices_of(const std::vector<array>& inputs) {
  return {inputs.begin() + 1, inputs.end() - 1};
}

Places places_of_slices(const std::vector<array>& inputs, const std::vector<int>& axes,
                        const Stream& s) {
  auto indices = indices_of(inputs);
  size_t index_ndim = indices.empty() ? 0 : indices[0].ndim();
  const Shape& shape = inputs.back().shape();
  Shape slice_sizes(shape.begin() + index_ndim, shape.end());
  return {[=](const array& target) { return gather(target, indices, axes, slice_sizes, s); },
          [=](ScatterReduction reduction, const array& target, const array& updates) {
            return scatter_by(reduction, target, indices, updates, axes, s);
          },
          indices.empty() || indices[0].size() == 1};
}

Places places_along_axis(const std::vector<array>& inputs, int axis, const Stream& s) {
  array indices = inputs[1];
  return {[=](const array& target) { return take_along_axis(target, indices, axis, s); },
          [=](ScatterReduction reduction, const array& target, const array& updates) {
            return scatter_axis_by(reduction, target, indices, updates, axis, s);
          },
          indices.shape(axis) == 1};
}

}  // namespace

// ---- Scatter

std::vector<array> Scatter::jvp(const std::vector<array>& primals,
                                const std::vector<array>& tangents,
                                const std::vector<int>& argnums) {
  return scatter_jvp(reduction_, places_of_slices(primals, axes_, stream()), primals, tangents,
                     argnums, stream());
}

std::vector<array> Scatter::vjp(const std::vector<array>& primals,
                                const std::vector<array>& cotangents,
                                const std::vector<int>& argnums,
                                const std::vector<array>& outputs) {
  return scatter_vjp(reduction_, places_of_slices(primals, axes_, stream()), primals, cotangents[0],
                     argnums, outputs[0], stream());
}

std::pair<std::vector<array>, std::vector<int>> Scatter::vmap(const std::vector<array>& inputs,
                                                              const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  array target = with_mapped_axis_first(inputs.front(), axes.front(), size, stream());
  array updates = with_mapped_axis_first(inputs.back(), axes.back(), size, stream());
  auto indices = indices_of(inputs);
  std::vector<int> index_axes(axes.begin() + 1, axes.end() - 1), moved;
  for (int axis : axes_) moved.push_back(axis + 1);

  if (any_mapped(index_axes)) {
    // Each index writes to its own slice of the mapped axis.
    indices = mapped_indices(indices, index_axes, size, stream());
    int index_ndim = int(indices[0].ndim());
    indices.insert(indices.begin(), slice_numbers(size, size_t(index_ndim), stream()));
    moved.insert(moved.begin(), 0);
    updates = expand_dims(updates, index_ndim, stream());
  } else if (!indices.empty()) {
    // The mapped axis is one more along which slices are whole.
    updates = moveaxis(updates, 0, int(indices[0].ndim()), stream());
  }
  return {{scatter_by(reduction_, target, indices, updates, moved, stream())}, {0}};
}

// ---- ScatterAxis

std::vector<array> ScatterAxis::jvp(const std::vector<array>& primals,
                                    const std::vector<array>& tangents,
                                    const std::vector<int>& argnums) {
  return scatter_jvp(reduction_, places_along_axis(primals, axis_, stream()), primals, tangents,
                     argnums, stream());
}

std::vector<array> ScatterAxis::vjp(const std::vector<array>& primals,
                                    const std::vector<array>& cotangents,
                                    const std::vector<int>& argnums,
                                    const std::vector<array>& outputs) {
  return scatter_vjp(reduction_, places_along_axis(primals, axis_, stream()), primals,
                     cotangents[0], argnums, outputs[0], stream());
}

std::pair<std::vector<array>, std::vector<int>> ScatterAxis::vmap(const std::vector<array>& inputs,
                                                                  const std::vector<int>& axes) {
  int size = mapped_axis_size(inputs, axes);
  std::vector<array> whole;
  for (size_t i = 0; i < inputs.size(); ++i)
    whole.push_back(with_mapped_axis_first(inputs[i], axes[i], size, stream()));
  return {{scatter_axis_by(reduction_, whole[0], whole[1], whole[2], axis_ + 1, stream())}, {0}};
}

}  // namespace mlx::core
