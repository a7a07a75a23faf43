#pragma once

#include <cstdint>
#include <span>

#include "cpu/index/scatter.h"

namespace mlx::core::cpu {

/// One update slice's place in out and in updates.
struct Placement {
  int64_t out;
  int64_t update;
};

/// The loops of one mode on one dtype.
struct ScatterKernels {
  /// out[i * out_step] op= updates[i * update_step].
  void (*run)(void* out, int64_t out_step, const void* updates, int64_t update_step, int64_t count);
  /// out[i * out_step + offsets[i]] op= updates[i * update_step], in order.
  void (*indexed)(void* out, int64_t out_step, const int64_t* offsets, const void* updates,
                  int64_t update_step, int64_t count);
  /// out[place.out] op= updates[place.update] for the places with low <= place.out < high.
  void (*placed)(void* out, const void* updates, std::span<const Placement> places, int64_t low,
                 int64_t high);
};

ScatterKernels scatter_kernels(ScatterMode mode, Dtype dtype);

}  // namespace mlx::core::cpu
