#pragma once

#include <cstdint>

#include "cpu/index/scatter.h"

namespace mlx::core::cpu {

/// The loops of one mode on one dtype.
struct ScatterKernels {
  /// out[i * out_step] op= updates[i * update_step].
  void (*run)(void* out, int64_t out_step, const void* updates, int64_t update_step, int64_t count);
  /// out[i * out_step + offsets[i]] op= updates[i * update_step], in order.
  void (*indexed)(void* out, int64_t out_step, const int64_t* offsets, const void* updates,
                  int64_t update_step, int64_t count);
};

ScatterKernels scatter_kernels(ScatterMode mode, Dtype dtype);

}  // namespace mlx::core::cpu
