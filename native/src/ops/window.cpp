#include "mlx/ops/window.h"

#include <numbers>

#include "mlx/ops.h"

namespace mlx::core {
namespace {

/// How far the places 0 to M - 1 are from the nearer end, as a part of the whole: 0 to 1/2. Wide
/// numbers where the device has them, so that results are rounded once.
array distance_to_end(int M, const Stream& stream) {
  Dtype real = stream.device == Device::cpu ? float64 : float32;
  array place = arange(M, stream);
  array distance = minimum(place, subtract(array(M - 1), place, stream), stream);
  return divide(astype(distance, real, stream), array(M - 1, real), stream);
}

/// A window of M values by a formula for the distance to the nearer end.
template <typename Formula>
array window(int M, StreamOrDevice s, Formula formula) {
  Stream stream = to_stream(s);
  if (M <= 1) return ones({std::max(M, 0)}, float32, stream);
  array distance = distance_to_end(M, stream);
  return astype(formula(distance, stream), float32, stream);
}

/// A window that is a x + b x^2 + c for x = sin(pi t)^2, where t is the distance to the nearer end.
/// Near the ends nothing cancels, as it does between cosines.
array cosine_window(int M, StreamOrDevice s, double a, double b, double c) {
  return window(M, s, [=](const array& distance, const Stream& stream) {
    Dtype real = distance.dtype();
    auto number = [&](double value) { return array(value, real); };
    array x = square(sin(multiply(distance, number(std::numbers::pi), stream), stream), stream);
    array slope = add(number(a), multiply(x, number(b), stream), stream);
    return add(multiply(x, slope, stream), number(c), stream);
  });
}

}  // namespace

array blackman(int M, StreamOrDevice s) { return cosine_window(M, s, 0.36, 0.64, 0); }

array hamming(int M, StreamOrDevice s) { return cosine_window(M, s, 0.92, 0, 0.08); }

array hanning(int M, StreamOrDevice s) { return cosine_window(M, s, 1, 0, 0); }

array bartlett(int M, StreamOrDevice s) {
  return window(M, s, [](const array& distance, const Stream& stream) {
    return multiply(distance, array(2, distance.dtype()), stream);
  });
}

}  // namespace mlx::core
