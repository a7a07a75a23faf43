#include "cpu/fft/roots_of_unity.h"

#include <cmath>
#include <numbers>

namespace mlx::core::cpu {

std::complex<double> root_of_unity(uint64_t k, uint64_t n) {
  // An eighth of a turn at most goes to sin and cos, whose arguments then carry no large error.
  uint64_t eighths = 8 * (k % n);
  uint64_t octant = eighths / n, rest = eighths % n;
  bool mirrored = octant & 1;
  if (mirrored) rest = n - rest;
  double angle = std::numbers::pi / 4 * double(rest) / double(n);
  double c = std::cos(angle), s = std::sin(angle);
  if (mirrored) std::swap(c, s);
  switch (octant / 2) {
    case 0:
      return {c, -s};
    case 1:
      return {-s, -c};
    case 2:
      return {-c, s};
    default:
      return {s, c};
  }
}

}  // namespace mlx::core::cpu
