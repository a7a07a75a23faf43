#pragma once

#include <complex>

namespace mlx::core::cpu {

/// log(exp(a) + exp(b)) without overflow.
std::complex<float> log_add_exp(std::complex<float> a, std::complex<float> b);

}  // namespace mlx::core::cpu
