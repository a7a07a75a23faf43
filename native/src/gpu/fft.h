#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// A transform along several axes, times a scale, as cpu/fft has it. Real numbers, if there are
/// some at one end, are transformed along the last of the axes.
struct AxesTransform {
  std::span<const int> axes;
  bool from_real;
  bool to_real;
  /// The result's length along the last of the axes; for real results.
  int64_t length;
  bool inverse;
  float scale;
};

/// in is float32 if from_real and complex64 otherwise, of any strides; out is row-contiguous
/// float32 if to_real and complex64 otherwise.
void fftn(Commands& commands, const StridedPlace& in, const AxesTransform& transform, Place out);

}  // namespace mlx::core::gpu
