#include <algorithm>
#include <limits>

#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

/// Zeros at the ends of `a` such that a window of v's size meets it at every place of the result.
struct Overlap {
  int before, after;

  Overlap(const std::string& mode, int width) {
    if (mode == "full")
      before = after = width - 1;
    else if (mode == "valid")
      before = after = 0;
    else if (mode == "same")
      before = width / 2, after = width - 1 - before;
    else
      throw std::invalid_argument(
          "[convolve] Expected mode \"full\", \"valid\" or \"same\" but received \"" + mode +
          "\".");
  }
};

/// The windows as rows of a matrix, a view of overlapping rows: integers have no convolution of
/// their own.
array multiply_windows(const array& a, const array& v, const Overlap& overlap, StreamOrDevice s) {
  array padded = pad(a, std::make_pair(overlap.before, overlap.after), array(0), "constant", s);
  int width = v.shape(0), count = padded.shape(0) - width + 1;
  array windows = as_strided(padded, {count, width}, {1, 1}, 0, s);
  return matmul(windows, flip(v, s), s);
}

}  // namespace

array convolve(const array& a, const array& v, const std::string& mode, StreamOrDevice s) {
  if (a.ndim() != 1 || v.ndim() != 1 || a.size() == 0 || v.size() == 0)
    throw ShapeError(
        concat_text("[convolve] Expected two vectors that aren't empty but received "
                    "shapes ",
                    a.shape(), " and ", v.shape(), "."));
  // Convolution is symmetric; the shorter one is the window.
  if (v.size() > a.size()) return convolve(v, a, mode, s);
  if (a.size() + v.size() - 1 > size_t(std::numeric_limits<int>::max()))
    throw ShapeError(concat_text("[convolve] The result for shapes ", a.shape(), " and ", v.shape(),
                                 " is too long."));
  Stream stream = to_stream(s);
  Dtype dtype = result_type(a, v);
  array signal = astype(a, dtype, stream), window = astype(v, dtype, stream);
  Overlap overlap(mode, v.shape(0));
  if (!issubdtype(dtype, inexact)) return multiply_windows(signal, window, overlap, stream);
  array result =
      conv_general(reshape(signal, {1, -1, 1}, stream), reshape(window, {1, -1, 1}, stream), {1},
                   {overlap.before}, {overlap.after}, {1}, {1}, 1, true, stream);
  return flatten(result, stream);
}

}  // namespace mlx::core
