#pragma once

#include <algorithm>

#include "cpu/conv/box_kernels.h"
#include "cpu/matmul/multiply_add.h"

namespace mlx::core::cpu {

/// convolve_box for types that have no tiles: all columns are one panel.
template <typename W>
void convolve_box_plain(const BoxForward<W>& box) {
  for (int64_t p = 0; p < box.pixel_count; ++p) {
    W* out = box.out[p];
    std::fill_n(out, box.columns, W(0));
    const W* weights = box.weights;
    for (int64_t run = 0; run < box.run_count; ++run) {
      const W* inputs = box.slab + box.pixels[p] + box.runs[run];
      for (int64_t i = 0; i < box.run_length; ++i, weights += box.columns)
        for (int64_t o = 0; o < box.columns; ++o)
          out[o] = multiply_add(out[o], inputs[i], weights[o]);
    }
  }
}

/// differentiate_box for the same types.
template <typename W>
void differentiate_box_plain(const BoxGradient<W>& box) {
  for (int64_t r = 0; r < box.row_count; ++r) {
    W* sums = box.sums + r * box.sums_stride;
    if (!box.accumulate) std::fill_n(sums, box.columns, W(0));
    const W* cotangent = box.cotangent;
    for (int64_t run = 0; run < box.run_count; ++run) {
      const W* inputs = box.slab + box.rows[r] + box.runs[run];
      for (int64_t i = 0; i < box.run_length; ++i, cotangent += box.columns)
        for (int64_t o = 0; o < box.columns; ++o)
          sums[o] = multiply_add(sums[o], inputs[i * box.step], cotangent[o]);
    }
  }
}

}  // namespace mlx::core::cpu
