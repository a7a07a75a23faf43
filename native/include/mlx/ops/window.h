#pragma once

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Windows of M float32 values, symmetric, by the formulas of Harris, "On the use of windows for
// harmonic analysis with the discrete Fourier transform", 1978. A single value is 1; M below 1
// gives an empty array.

MLX_API array blackman(int M, StreamOrDevice s = {});
MLX_API array hamming(int M, StreamOrDevice s = {});
MLX_API array hanning(int M, StreamOrDevice s = {});
MLX_API array bartlett(int M, StreamOrDevice s = {});

}  // namespace mlx::core
