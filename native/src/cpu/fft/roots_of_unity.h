#pragma once

#include <complex>
#include <cstdint>

namespace mlx::core::cpu {

/// exp(-2 pi i k / n) within an ulp of float64, exact at multiples of a quarter turn; k is not
/// negative.
std::complex<double> root_of_unity(uint64_t k, uint64_t n);

}  // namespace mlx::core::cpu
