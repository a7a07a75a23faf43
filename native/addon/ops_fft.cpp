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

/// Lengths come with axes.
template <OfLengths of_lengths, OfAxes of_axes, Function function>
auto transform(const char* name) {
  return bind(name, [](const array& a, Lengths n, Axes axes, int norm, StreamOrDevice s) {
    auto kind = fft::FFTNorm(norm);
    if (n && axes) return of_lengths(a, *n, *axes, kind, s);
    return axes ? of_axes(a, *axes, kind, s) : function(a, kind, s);
  });
}

}  // namespace

FunctionTable fft_functions() {
  return {
      transform<fft::fftn, fft::fftn, fft::fftn>("fftn"),
      transform<fft::ifftn, fft::ifftn, fft::ifftn>("ifftn"),
      transform<fft::rfftn, fft::rfftn, fft::rfftn>("rfftn"),
      transform<fft::irfftn, fft::irfftn, fft::irfftn>("irfftn"),
      bind("fftshift",
           [](const array& a, Axes axes, StreamOrDevice s) {
             return axes ? fft::fftshift(a, *axes, s) : fft::fftshift(a, s);
           }),
      bind("ifftshift",
           [](const array& a, Axes axes, StreamOrDevice s) {
             return axes ? fft::ifftshift(a, *axes, s) : fft::ifftshift(a, s);
           }),
      bind("fftfreq", [](int n, double d, StreamOrDevice s) { return fft::fftfreq(n, d, s); }),
      bind("rfftfreq", [](int n, double d, StreamOrDevice s) { return fft::rfftfreq(n, d, s); }),
  };
}

}  // namespace mlx::addon
