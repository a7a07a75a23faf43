#include "binder.h"
#include "mlx/fft.h"

namespace mlx::addon {

using namespace core;

namespace {

using Lengths = std::optional<Shape>;
using Axes = std::optional<std::vector<int>>;
using Function = array (*)(const array&, fft::FFTNorm, StreamOrDevice);
using OfAxes = array (*)(const array&, const std::vector<int>&, fft::FFTNorm, StreamOrDevice);
using OfLengths = array (*)(const array&, const Shape&, const std::vector<int>&, fft::FFTNorm,
                            StreamOrDevice);

template <OfLengths of_lengths, OfAxes of_axes>
auto along_axis(const char* name) {
  return bind(name, [](const array& a, std::optional<int> n, int axis, int norm, StreamOrDevice s) {
    auto kind = fft::FFTNorm(norm);
    return n ? of_lengths(a, Shape{*n}, {axis}, kind, s) : of_axes(a, {axis}, kind, s);
  });
}

/// Lengths come with axes.
template <OfLengths of_lengths, OfAxes of_axes, Function function>
auto along_axes(const char* name) {
  return bind(name, [](const array& a, Lengths n, Axes axes, int norm, StreamOrDevice s) {
    auto kind = fft::FFTNorm(norm);
    if (n && axes) return of_lengths(a, *n, *axes, kind, s);
    return axes ? of_axes(a, *axes, kind, s) : function(a, kind, s);
  });
}

}  // namespace

FunctionTable fft_functions() {
  return {
      along_axis<fft::fftn, fft::fftn>("fftFft"),
      along_axis<fft::ifftn, fft::ifftn>("fftIfft"),
      along_axis<fft::rfftn, fft::rfftn>("fftRfft"),
      along_axis<fft::irfftn, fft::irfftn>("fftIrfft"),
      along_axes<fft::fftn, fft::fftn, fft::fftn>("fftFftn"),
      along_axes<fft::ifftn, fft::ifftn, fft::ifftn>("fftIfftn"),
      along_axes<fft::rfftn, fft::rfftn, fft::rfftn>("fftRfftn"),
      along_axes<fft::irfftn, fft::irfftn, fft::irfftn>("fftIrfftn"),
      bind("fftFftshift",
           [](const array& a, Axes axes, StreamOrDevice s) {
             return axes ? fft::fftshift(a, *axes, s) : fft::fftshift(a, s);
           }),
      bind("fftIfftshift",
           [](const array& a, Axes axes, StreamOrDevice s) {
             return axes ? fft::ifftshift(a, *axes, s) : fft::ifftshift(a, s);
           }),
      bind("fftFftfreq", [](int n, double d, StreamOrDevice s) { return fft::fftfreq(n, d, s); }),
      bind("fftRfftfreq", [](int n, double d, StreamOrDevice s) { return fft::rfftfreq(n, d, s); }),
  };
}

}  // namespace mlx::addon
