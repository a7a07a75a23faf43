#include "mlx/ops/window.h"

#include <cmath>
#include <vector>

namespace mlx::core {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// The formula at places from 0 to 1, in float64 so that each value is rounded once.
template <typename Formula>
array window(int M, Formula formula) {
  std::vector<float> values;
  for (int i = 0; i < M; ++i)
    values.push_back(M == 1 ? 1.0f : float(formula(double(i) / double(M - 1))));
  return array(values.begin(), Shape{int(values.size())});
}

}  // namespace

array blackman(int M, StreamOrDevice) {
  // The ends are 0, which the sum misses by a rounding error.
  return window(M, [](double x) {
    return std::max(0.0, 0.42 - 0.5 * std::cos(2 * kPi * x) + 0.08 * std::cos(4 * kPi * x));
  });
}

array hamming(int M, StreamOrDevice) {
  return window(M, [](double x) { return 0.54 - 0.46 * std::cos(2 * kPi * x); });
}

array hanning(int M, StreamOrDevice) {
  return window(M, [](double x) { return 0.5 - 0.5 * std::cos(2 * kPi * x); });
}

array bartlett(int M, StreamOrDevice) {
  return window(M, [](double x) { return 1 - std::abs(2 * x - 1); });
}

}  // namespace mlx::core
