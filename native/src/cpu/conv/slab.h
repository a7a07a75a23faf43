#pragma once

#include "cpu/conv/box.h"
#include "cpu/matmul/product.h"

namespace mlx::core::cpu {

/// The input of a convolution.
template <typename T>
struct ConvInput {
  const T* data;
  /// Batch, three spatial axes, channels.
  std::array<int64_t, 5> strides;
  std::array<int64_t, 3> size;
};

/// Which channels a slab holds: `count` from `first`, each `repeats` times, filled up with zeros to
/// `padded`.
struct SlabChannels {
  int64_t first, count, repeats, padded;
};

/// Copies the inputs under a box, contiguous, as the type of sums, with zeros where the box reaches
/// beyond the input. No kernel needs to know of padding, strides or half types after that.
template <typename T>
void copy_slab(const ConvInput<T>& input, const Phase& phase, const Box& box,
               const SlabChannels& channels, Wide<T>* slab);

/// Copies elements that are a stride apart as the type of sums.
template <typename T>
void copy_run(const T* from, int64_t stride, int64_t count, Wide<T>* to);

}  // namespace mlx::core::cpu
