#pragma once

#include "cpu/strided_view.h"

namespace mlx::core::cpu {

// Discrete Fourier transforms of all lines along a non-negative axis, times scale. Inputs have any
// strides; outputs are row-contiguous.

/// complex64 to complex64, with the negative sign in the exponent, or the positive one for the
/// inverse. The output may be the input's memory if that is row-contiguous.
void fft(const StridedInput& in, int axis, bool inverse, float scale, complex64_t* out);

/// float32 lines of length n to the first n / 2 + 1 elements of their spectra.
void real_fft(const StridedInput& in, int axis, float scale, complex64_t* out);

/// Back from the first length / 2 + 1 elements of the spectra of real lines. Imaginary parts that
/// such spectra don't have are ignored.
void inverse_real_fft(const StridedInput& in, int axis, int64_t length, float scale, float* out);

}  // namespace mlx::core::cpu
