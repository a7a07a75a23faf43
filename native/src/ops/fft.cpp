#include "mlx/fft.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "mlx/ops.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "ops/dtype_checks.h"
#include "primitives/fft.h"

namespace mlx::core::fft {
namespace {

using Axes = std::vector<int>;
using Kind = FFT::Kind;

Axes all_axes(const array& a) {
  Axes axes(a.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

/// The axes counted from the front, in the order given. op stands before error messages.
Axes checked_axes(const char* op, const array& a, const Axes& axes) {
  Axes checked;
  checked.reserve(axes.size());
  for (int given : axes) {
    int axis = normalize_axis_index(given, int(a.ndim()), op);
    if (std::find(checked.begin(), checked.end(), axis) != checked.end())
      throw std::invalid_argument(concat_text(op, "An axis stands twice in ", axes, "."));
    checked.push_back(axis);
  }
  return checked;
}

Shape zeros_of(size_t count) {
  Shape zeros(count);
  std::fill(zeros.begin(), zeros.end(), 0);
  return zeros;
}

/// The array with the axes cut or padded with zeros to the lengths.
array resize(const array& a, const Axes& axes, const Shape& lengths, StreamOrDevice s) {
  Shape stop = a.shape();
  Shape missing = lengths;
  bool cut = false, padded = false;
  for (size_t i = 0; i < axes.size(); ++i) {
    int length = a.shape(axes[i]);
    stop[axes[i]] = std::min(length, lengths[i]);
    missing[i] = std::max(lengths[i] - length, 0);
    cut |= lengths[i] < length;
    padded |= missing[i] > 0;
  }
  array result = cut ? slice(a, zeros_of(a.ndim()), stop, s) : a;
  if (!padded) return result;
  return pad(result, axes, zeros_of(axes.size()), missing, array(0, a.dtype()), "constant", s);
}

double scale_of(const Shape& lengths, bool inverse, FFTNorm norm) {
  double count = 1;
  for (int n : lengths) count *= n;
  if (norm == FFTNorm::Ortho) return 1 / std::sqrt(count);
  return inverse == (norm == FFTNorm::Backward) ? 1 / count : 1;
}

struct Transform {
  const char* name;
  /// What error messages begin with.
  const char* op;
  Kind kind;
  bool inverse;
};

constexpr Transform kFft{"fftn", "[fftn] ", Kind::complex, false};
constexpr Transform kIfft{"ifftn", "[ifftn] ", Kind::complex, true};
constexpr Transform kRfft{"rfftn", "[rfftn] ", Kind::real, false};
constexpr Transform kIrfft{"irfftn", "[irfftn] ", Kind::inverse_real, true};

/// The lengths of the results' axes where none are given.
Shape whole_lengths(const Transform& which, const array& a, const Axes& axes) {
  Shape lengths;
  for (int axis : axes) lengths.push_back(a.shape(axis));
  if (which.kind == Kind::inverse_real) {
    constexpr int64_t kMax = std::numeric_limits<int>::max();
    lengths.back() = int(std::min(2 * (int64_t(lengths.back()) - 1), kMax));
  }
  return lengths;
}

/// Over the axes as they are, or with the lengths given.
array transform(const Transform& which, const array& a, const Shape* given_lengths,
                const Axes& given_axes, FFTNorm norm, StreamOrDevice s) {
  Axes axes = checked_axes(which.op, a, given_axes);
  if (axes.empty())
    throw std::invalid_argument(
        concat_text(which.op, "Expected at least one axis for an array of shape ", a.shape(), "."));
  if (given_lengths && given_lengths->size() != axes.size())
    throw std::invalid_argument(concat_text(which.op, "Expected a length for each axis, but got ",
                                            given_lengths->size(), " lengths for ", axes.size(),
                                            " axes."));
  // Whether axes are cut or padded to given lengths depends on their sizes.
  if (given_lengths) detail::note_sizes_seen(a);
  Shape lengths = given_lengths ? *given_lengths : whole_lengths(which, a, axes);
  for (int n : lengths)
    if (n < 1)
      throw std::invalid_argument(concat_text(which.op, "Expected lengths of at least 1, but got ",
                                              n, " for an array of shape ", a.shape(), "."));
  if (which.kind == Kind::real) require_real(which.name, a.dtype());

  array x = astype(a, which.kind == Kind::real ? float32 : complex64, s);
  int length = lengths.back();
  auto scale = float(scale_of(lengths, which.inverse, norm));
  if (which.kind == Kind::inverse_real) lengths.back() = length / 2 + 1;
  x = resize(x, axes, lengths, s);
  auto primitive = std::make_shared<FFT>(to_stream(s), which.kind, std::move(axes), length,
                                         which.inverse, scale);
  Shape shape = primitive->output_shape(x.shape());
  Dtype dtype = which.kind == Kind::inverse_real ? float32 : complex64;
  return array(std::move(shape), dtype, std::move(primitive), {x});
}

array shift_axes(const char* op, const array& a, const Axes& given, bool forward,
                 StreamOrDevice s) {
  Axes axes = checked_axes(op, a, given);
  Shape shifts;
  for (int axis : axes) {
    int half = a.shape(axis) / 2;
    shifts.push_back(forward ? half : -half);
  }
  return axes.empty() || a.size() == 0 ? a : roll(a, shifts, axes, s);
}

void check_frequencies(const char* op, int n, double d) {
  if (n < 1 || d == 0 || std::isnan(d))
    throw std::invalid_argument(concat_text(
        "[", op, "] Expected n of at least 1 and a d other than 0, but got ", n, " and ", d, "."));
}

}  // namespace

array fftn(const array& a, const Shape& n, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kFft, a, &n, axes, norm, s);
}
array fftn(const array& a, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kFft, a, nullptr, axes, norm, s);
}
array fftn(const array& a, FFTNorm norm, StreamOrDevice s) {
  return transform(kFft, a, nullptr, all_axes(a), norm, s);
}

array ifftn(const array& a, const Shape& n, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kIfft, a, &n, axes, norm, s);
}
array ifftn(const array& a, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kIfft, a, nullptr, axes, norm, s);
}
array ifftn(const array& a, FFTNorm norm, StreamOrDevice s) {
  return transform(kIfft, a, nullptr, all_axes(a), norm, s);
}

array rfftn(const array& a, const Shape& n, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kRfft, a, &n, axes, norm, s);
}
array rfftn(const array& a, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kRfft, a, nullptr, axes, norm, s);
}
array rfftn(const array& a, FFTNorm norm, StreamOrDevice s) {
  return transform(kRfft, a, nullptr, all_axes(a), norm, s);
}

array irfftn(const array& a, const Shape& n, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kIrfft, a, &n, axes, norm, s);
}
array irfftn(const array& a, const Axes& axes, FFTNorm norm, StreamOrDevice s) {
  return transform(kIrfft, a, nullptr, axes, norm, s);
}
array irfftn(const array& a, FFTNorm norm, StreamOrDevice s) {
  return transform(kIrfft, a, nullptr, all_axes(a), norm, s);
}

array fftshift(const array& a, const Axes& axes, StreamOrDevice s) {
  return shift_axes("[fftshift] ", a, axes, true, s);
}
array fftshift(const array& a, StreamOrDevice s) { return fftshift(a, all_axes(a), s); }

array ifftshift(const array& a, const Axes& axes, StreamOrDevice s) {
  return shift_axes("[ifftshift] ", a, axes, false, s);
}
array ifftshift(const array& a, StreamOrDevice s) { return ifftshift(a, all_axes(a), s); }

array fftfreq(int n, double d, StreamOrDevice s) {
  check_frequencies("fftfreq", n, d);
  array steps =
      concatenate({arange(0, n - n / 2, 1, float32, s), arange(-(n / 2), 0, 1, float32, s)}, 0, s);
  return multiply(steps, array(float(1 / (n * d))), s);
}

array rfftfreq(int n, double d, StreamOrDevice s) {
  check_frequencies("rfftfreq", n, d);
  return multiply(arange(0, n / 2 + 1, 1, float32, s), array(float(1 / (n * d))), s);
}

}  // namespace mlx::core::fft
