#pragma once

#include "cpu/fft/line_plan.h"

namespace mlx::core::cpu {

/// A line in memory; steps count floats. part_step leads from a real part to its imaginary part
/// and is kNoImaginaryPart for real numbers.
struct Line {
  float* data;
  int64_t step;
  int64_t part_step;
};
struct ConstLine {
  const float* data;
  int64_t step;
  int64_t part_step;
};

/// out[k] = scale * sum_j in[j] exp(-2 pi i j k / length), or with the positive sign when inverse.
/// The two lines may be the same, or else don't overlap. Long lines are shared between threads.
void transform_line(const LinePlan& plan, ConstLine in, Line out, bool inverse, float scale);

}  // namespace mlx::core::cpu
