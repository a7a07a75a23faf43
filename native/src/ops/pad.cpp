#include <limits>
#include <numeric>

#include "mlx/ops.h"
#include "mlx/utils.h"
#include "primitives/join.h"

namespace mlx::core {
namespace {

enum class PadMode { constant, edge, reflect, symmetric };

PadMode pad_mode(const std::string& mode) {
  if (mode == "constant") return PadMode::constant;
  if (mode == "edge") return PadMode::edge;
  if (mode == "reflect") return PadMode::reflect;
  if (mode == "symmetric") return PadMode::symmetric;
  throw std::invalid_argument(
      "[pad] Expected mode \"constant\", \"edge\", \"reflect\" or \"symmetric\" but received \"" +
      mode + "\".");
}

/// For each place along a padded axis, which begins before 0, the element of the n that stands
/// there. Computed when needed: the padding may be far larger than the array.
array source_indices(PadMode mode, int64_t begin, int64_t end, int64_t n, StreamOrDevice s) {
  array places = arange(double(begin), double(end), int64, s);
  if (mode == PadMode::edge || n == 1) return clip(places, array(int64_t(0)), array(n - 1), s);
  // Mirrored there and back, the places repeat after this many.
  int64_t period = mode == PadMode::reflect ? 2 * (n - 1) : 2 * n;
  int64_t last = mode == PadMode::reflect ? period : period - 1;
  array phase = remainder(places, array(period), s);
  return minimum(phase, subtract(array(last), phase, s), s);
}

array pad_with_own_values(array a, const std::vector<int>& axes, const Shape& low,
                          const Shape& high, PadMode mode, StreamOrDevice s) {
  for (size_t i = 0; i < axes.size(); ++i) {
    int axis = axes[i], n = a.shape(axis);
    if (low[i] == 0 && high[i] == 0) continue;
    if (n == 0)
      throw ShapeError(concat_text("[pad] Axis ", axis, " of shape ", a.shape(),
                                   " is empty: it has no values to pad with."));
    array indices = source_indices(mode, -int64_t(low[i]), int64_t(n) + high[i], n, s);
    a = take(a, indices, axis, s);
  }
  return a;
}

std::vector<int> all_axes(const array& a) {
  std::vector<int> axes(a.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

}  // namespace

array pad(const array& a, const std::vector<int>& axes, const Shape& low_pad_size,
          const Shape& high_pad_size, const array& pad_value, const std::string& mode,
          StreamOrDevice s) {
  if (axes.size() != low_pad_size.size() || axes.size() != high_pad_size.size())
    throw std::invalid_argument(concat_text("[pad] Received ", low_pad_size.size(), " and ",
                                            high_pad_size.size(), " sizes for ", axes.size(),
                                            " axes."));
  normalize_axes(axes, int(a.ndim()), "[pad] ");
  std::vector<int> padded;
  for (int axis : axes) padded.push_back(axis < 0 ? axis + int(a.ndim()) : axis);
  Shape shape = a.shape();
  for (size_t i = 0; i < padded.size(); ++i) {
    int64_t size = int64_t(shape[size_t(padded[i])]) + low_pad_size[i] + high_pad_size[i];
    if (low_pad_size[i] < 0 || high_pad_size[i] < 0)
      throw std::invalid_argument(
          concat_text("[pad] Negative padding in ", low_pad_size, " and ", high_pad_size, "."));
    if (size > std::numeric_limits<int>::max())
      throw ShapeError(concat_text("[pad] ", size, " elements are more than an axis can have."));
    shape[size_t(padded[i])] = int(size);
  }
  PadMode how = pad_mode(mode);
  if (how == PadMode::constant && pad_value.size() != 1)
    throw ShapeError(concat_text("[pad] Expected one value to pad with but received shape ",
                                 pad_value.shape(), "."));
  if (shape == a.shape()) return a;
  if (how != PadMode::constant)
    return pad_with_own_values(a, padded, low_pad_size, high_pad_size, how, s);
  Stream stream = to_stream(s);
  array value = astype(reshape(pad_value, {}, stream), a.dtype(), stream);
  return array(std::move(shape), a.dtype(),
               std::make_shared<Pad>(stream, std::move(padded), low_pad_size, high_pad_size),
               {a, value});
}

array pad(const array& a, const std::vector<std::pair<int, int>>& pad_width, const array& pad_value,
          const std::string& mode, StreamOrDevice s) {
  Shape low, high;
  for (auto& [before, after] : pad_width) {
    low.push_back(before);
    high.push_back(after);
  }
  return pad(a, all_axes(a), low, high, pad_value, mode, s);
}

array pad(const array& a, const std::pair<int, int>& pad_width, const array& pad_value,
          const std::string& mode, StreamOrDevice s) {
  return pad(a, all_axes(a), Shape(a.ndim(), pad_width.first), Shape(a.ndim(), pad_width.second),
             pad_value, mode, s);
}

array pad(const array& a, int pad_width, const array& pad_value, const std::string& mode,
          StreamOrDevice s) {
  return pad(a, std::make_pair(pad_width, pad_width), pad_value, mode, s);
}

}  // namespace mlx::core
