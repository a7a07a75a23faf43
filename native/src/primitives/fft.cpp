#include "primitives/fft.h"

#include "mlx/ops.h"

namespace mlx::core {
namespace {

/// How often each element of a half spectrum along an axis stands in the whole one: twice, but for
/// the first, and for an even length the last.
array multiplicity(const array& spectrum, int axis, int length) {
  std::vector<float> counts(size_t(length / 2 + 1), 2.0f);
  counts.front() = 1;
  if (length % 2 == 0) counts.back() = 1;
  Shape shape(spectrum.ndim());
  for (size_t i = 0; i < shape.size(); ++i) shape[i] = int(i) == axis ? int(counts.size()) : 1;
  return array(counts.begin(), shape);
}

}  // namespace

array FFT::apply(const array& x, std::vector<int> axes) const {
  auto primitive =
      std::make_shared<FFT>(stream(), kind_, std::move(axes), length_, inverse_, scale_);
  Shape shape = primitive->output_shape(x.shape());
  return array(std::move(shape), kind_ == Kind::inverse_real ? float32 : complex64,
               std::move(primitive), {x});
}

// The transforms are linear.
std::vector<array> FFT::jvp(const std::vector<array>&, const std::vector<array>& tangents,
                            const std::vector<int>&) {
  return {apply(tangents[0], axes_)};
}

// The adjoint of a transform is the one with the other sign. Half spectra stand for whole ones, of
// which an element and its mirror image together have the influence of both.
std::vector<array> FFT::vjp(const std::vector<array>& primals, const std::vector<array>& cotangents,
                            const std::vector<int>&, const std::vector<array>&) {
  const array& cotangent = cotangents[0];
  int axis = axes_.back(), primal_length = primals[0].shape(axis);
  auto adjoint = [&](Kind kind, const array& x) {
    int length = kind == Kind::real ? x.shape(axis) : primal_length;
    FFT transform(stream(), kind, axes_, length, !inverse_, scale_);
    return transform.apply(x, axes_);
  };
  switch (kind_) {
    case Kind::complex:
      return {adjoint(Kind::complex, cotangent)};
    case Kind::real: {
      array counts = multiplicity(cotangent, axis, primal_length);
      return {adjoint(Kind::inverse_real, divide(cotangent, counts, stream()))};
    }
    default: {
      array spectrum = adjoint(Kind::real, cotangent);
      return {multiply(spectrum, multiplicity(spectrum, axis, length_), stream())};
    }
  }
}

std::pair<std::vector<array>, std::vector<int>> FFT::vmap(const std::vector<array>& inputs,
                                                          const std::vector<int>& axes) {
  std::vector<int> shifted;
  for (int axis : axes_) shifted.push_back(axis + (axis >= axes[0]));
  return {{apply(inputs[0], std::move(shifted))}, axes};
}

Shape FFT::output_shape(Shape input) const {
  int& length = input[axes_.back()];
  if (kind_ == Kind::real) length = length / 2 + 1;
  if (kind_ == Kind::inverse_real) length = length_;
  return input;
}

}  // namespace mlx::core
