#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core::fft {

// Discrete Fourier transforms in complex64, whatever the input's dtype. n has the lengths of the
// axes: longer ones are cut, shorter ones padded with zeros. Throws std::invalid_argument for
// lengths below 1, for lists of different lengths, and for an axis that stands twice or isn't
// there.

/// Which direction is divided by the number of elements: the inverse one, the forward one, or both
/// by its square root.
enum class FFTNorm { Backward, Ortho, Forward };

MLX_API array fftn(const array& a, const Shape& n, const std::vector<int>& axes,
                   FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});
MLX_API array fftn(const array& a, const std::vector<int>& axes, FFTNorm norm = FFTNorm::Backward,
                   StreamOrDevice s = {});
MLX_API array fftn(const array& a, FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});

MLX_API array ifftn(const array& a, const Shape& n, const std::vector<int>& axes,
                    FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});
MLX_API array ifftn(const array& a, const std::vector<int>& axes, FFTNorm norm = FFTNorm::Backward,
                    StreamOrDevice s = {});
MLX_API array ifftn(const array& a, FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});

/// Of real numbers: along the last of the axes the first n / 2 + 1 elements of the spectrum, which
/// determine the others. Throws DtypeError for complex64.
MLX_API array rfftn(const array& a, const Shape& n, const std::vector<int>& axes,
                    FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});
MLX_API array rfftn(const array& a, const std::vector<int>& axes, FFTNorm norm = FFTNorm::Backward,
                    StreamOrDevice s = {});
MLX_API array rfftn(const array& a, FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});

/// Back to real numbers in float32; n are their lengths, the last one 2 (m - 1) for m elements
/// unless it is given.
MLX_API array irfftn(const array& a, const Shape& n, const std::vector<int>& axes,
                     FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});
MLX_API array irfftn(const array& a, const std::vector<int>& axes, FFTNorm norm = FFTNorm::Backward,
                     StreamOrDevice s = {});
MLX_API array irfftn(const array& a, FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {});

// Along one axis.

inline array fft(const array& a, int n, int axis, FFTNorm norm = FFTNorm::Backward,
                 StreamOrDevice s = {}) {
  return fftn(a, Shape{n}, {axis}, norm, s);
}
inline array fft(const array& a, int axis = -1, FFTNorm norm = FFTNorm::Backward,
                 StreamOrDevice s = {}) {
  return fftn(a, std::vector<int>{axis}, norm, s);
}
inline array ifft(const array& a, int n, int axis, FFTNorm norm = FFTNorm::Backward,
                  StreamOrDevice s = {}) {
  return ifftn(a, Shape{n}, {axis}, norm, s);
}
inline array ifft(const array& a, int axis = -1, FFTNorm norm = FFTNorm::Backward,
                  StreamOrDevice s = {}) {
  return ifftn(a, std::vector<int>{axis}, norm, s);
}
inline array rfft(const array& a, int n, int axis, FFTNorm norm = FFTNorm::Backward,
                  StreamOrDevice s = {}) {
  return rfftn(a, Shape{n}, {axis}, norm, s);
}
inline array rfft(const array& a, int axis = -1, FFTNorm norm = FFTNorm::Backward,
                  StreamOrDevice s = {}) {
  return rfftn(a, std::vector<int>{axis}, norm, s);
}
inline array irfft(const array& a, int n, int axis, FFTNorm norm = FFTNorm::Backward,
                   StreamOrDevice s = {}) {
  return irfftn(a, Shape{n}, {axis}, norm, s);
}
inline array irfft(const array& a, int axis = -1, FFTNorm norm = FFTNorm::Backward,
                   StreamOrDevice s = {}) {
  return irfftn(a, std::vector<int>{axis}, norm, s);
}

// Along two axes, by default the last ones.

inline array fft2(const array& a, const Shape& n, const std::vector<int>& axes,
                  FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return fftn(a, n, axes, norm, s);
}
inline array fft2(const array& a, const std::vector<int>& axes = {-2, -1},
                  FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return fftn(a, axes, norm, s);
}
inline array ifft2(const array& a, const Shape& n, const std::vector<int>& axes,
                   FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return ifftn(a, n, axes, norm, s);
}
inline array ifft2(const array& a, const std::vector<int>& axes = {-2, -1},
                   FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return ifftn(a, axes, norm, s);
}
inline array rfft2(const array& a, const Shape& n, const std::vector<int>& axes,
                   FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return rfftn(a, n, axes, norm, s);
}
inline array rfft2(const array& a, const std::vector<int>& axes = {-2, -1},
                   FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return rfftn(a, axes, norm, s);
}
inline array irfft2(const array& a, const Shape& n, const std::vector<int>& axes,
                    FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return irfftn(a, n, axes, norm, s);
}
inline array irfft2(const array& a, const std::vector<int>& axes = {-2, -1},
                    FFTNorm norm = FFTNorm::Backward, StreamOrDevice s = {}) {
  return irfftn(a, axes, norm, s);
}

/// Moves frequency zero to the middle of the axes (all), and back.
MLX_API array fftshift(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
MLX_API array fftshift(const array& a, StreamOrDevice s = {});
MLX_API array ifftshift(const array& a, const std::vector<int>& axes, StreamOrDevice s = {});
MLX_API array ifftshift(const array& a, StreamOrDevice s = {});

/// The frequencies of the n elements of a spectrum, for samples d apart; in float32. Throws
/// std::invalid_argument for n below 1 and for d of 0 or NaN.
MLX_API array fftfreq(int n, double d = 1.0, StreamOrDevice s = {});
/// Those of the n / 2 + 1 elements that a real transform gives.
MLX_API array rfftfreq(int n, double d = 1.0, StreamOrDevice s = {});

}  // namespace mlx::core::fft
