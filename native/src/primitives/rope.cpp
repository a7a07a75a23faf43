#include "primitives/rope.h"

#include <utility>

#include "mlx/ops.h"
#include "primitives/mapped_axis.h"
#include "primitives/tangents.h"

namespace mlx::core {
namespace {

using Arrays = std::vector<array>;

/// The first and the second feature of each pair, in float32 or float64.
std::pair<array, array> pairs(const array& x, const RopeSettings& settings, const Stream& s) {
  const int half = settings.dims / 2;
  array wide = x.dtype() == float64 ? x : astype(x, float32, s);
  Shape start(x.ndim(), 0), stop = x.shape();
  stop.back() = settings.dims;
  array turning = slice(wide, start, stop, s);
  if (settings.traditional) {
    array apart = unflatten(turning, -1, {half, 2}, s);
    return {take(apart, 0, -1, s), take(apart, 1, -1, s)};
  }
  auto parts = split(turning, 2, -1, s);
  return {parts[0], parts[1]};
}

/// The way back, with zeros for the features that don't turn.
array joined(const array& first, const array& second, const array& like,
             const RopeSettings& settings, const Stream& s) {
  array turning = settings.traditional ? flatten(stack({first, second}, -1, s), -2, -1, s)
                                       : concatenate({first, second}, -1, s);
  Shape rest = like.shape();
  rest.back() -= settings.dims;
  return astype(concatenate({turning, zeros(rest, turning.dtype(), s)}, -1, s), like.dtype(), s);
}

}  // namespace

array RoPE::turned(Arrays inputs, const array& x, bool inverse) const {
  inputs[0] = x;
  auto node = std::make_shared<RoPE>(stream(), settings_, inverse);
  return array(x.shape(), x.dtype(), std::move(node), std::move(inputs));
}

/// What one more unit of each frequency adds to the angles (..., length, dims / 2).
array RoPE::angle_slopes(const Arrays& inputs) const {
  const Stream& s = stream();
  array steps = arange(0, inputs[0].shape(-2), s);
  array positions = astype(add(expand_dims(inputs[1], -1, s), steps, s), float32, s);
  array scaled = multiply(positions, array(inverse_ ? settings_.scale : -settings_.scale), s);
  return divide(expand_dims(scaled, -1, s), square(inputs[2], s), s);
}

Arrays RoPE::jvp(const Arrays& primals, const Arrays& tangents, const std::vector<int>& argnums) {
  const Stream& s = stream();
  array total = zeros_like(primals[0], s);
  for (size_t i = 0; i < argnums.size(); ++i) {
    if (argnums[i] == 0) total = add(total, turned(primals, tangents[i], inverse_), s);
    if (argnums[i] == 1) refuse_derivative("rope", "offsets");
    if (argnums[i] != 2) continue;
    // Turning further moves (a, b) along (-b, a).
    auto [a, b] = pairs(turned(primals, primals[0], inverse_), settings_, s);
    array angles = multiply(angle_slopes(primals), tangents[i], s);
    array moved = joined(negative(multiply(b, angles, s), s), multiply(a, angles, s), primals[0],
                         settings_, s);
    total = add(total, moved, s);
  }
  return {total};
}

Arrays RoPE::vjp(const Arrays& primals, const Arrays& cotangents, const std::vector<int>& argnums,
                 const Arrays& outputs) {
  const Stream& s = stream();
  Arrays results;
  for (int argnum : argnums) {
    if (argnum == 0) {
      results.push_back(turned(primals, cotangents[0], !inverse_));
    } else if (argnum == 1) {
      refuse_derivative("rope", "offsets");
    } else {
      auto [a, b] = pairs(outputs[0], settings_, s);
      auto [da, db] = pairs(cotangents[0], settings_, s);
      array angles = subtract(multiply(db, a, s), multiply(da, b, s), s);
      std::vector<int> axes;
      for (int axis = 0; axis + 1 < int(angles.ndim()); ++axis) axes.push_back(axis);
      array gradient = sum(multiply(angles, angle_slopes(primals), s), axes, false, s);
      results.push_back(astype(gradient, primals[2].dtype(), s));
    }
  }
  return results;
}

std::pair<Arrays, std::vector<int>> RoPE::vmap(const Arrays& inputs, const std::vector<int>& axes) {
  const Stream& s = stream();
  const int size = mapped_axis_size(inputs, axes);
  array x = with_mapped_axis_first(inputs[0], axes[0], size, s);
  array offset = with_mapped_axis_first(inputs[1], axes[1], size, s);
  if (!settings_.has_frequencies) return {{turned({x, offset}, x, inverse_)}, {0}};
  if (axes[2] < 0) return {{turned({x, offset, inputs[2]}, x, inverse_)}, {0}};
  // One table of angles can't serve slices with frequencies of their own.
  Arrays results;
  for (int i = 0; i < size; ++i) {
    array part = take(x, i, 0, s);
    results.push_back(
        turned({part, take(offset, i, 0, s), take(inputs[2], i, axes[2], s)}, part, inverse_));
  }
  if (results.empty()) return {{zeros(x.shape(), x.dtype(), s)}, {0}};
  return {{stack(results, 0, s)}, {0}};
}

}  // namespace mlx::core
