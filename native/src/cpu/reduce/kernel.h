#pragma once

#include <cstddef>
#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// What the driver needs to know of one operation on one dtype. A state is an output's running
/// value in a wider type, so that an output rounds once.
struct ReduceKernel {
  const char* name;
  size_t state_size;
  void (*init)(void* states, size_t count);
  /// Takes in[o * output_stride + i], for i < length, into states[o], for o < outputs.
  /// first is the position of i = 0 along the reduced axis, for ordered kernels.
  void (*rows)(const void* in, int64_t outputs, int64_t output_stride, int64_t length,
               int64_t first, void* states);
  /// The same with in[o + i * step].
  void (*columns)(const void* in, int64_t outputs, int64_t length, int64_t step, int64_t first,
                  void* states);
  /// states[o] takes in others[o], whose elements come later.
  void (*merge)(void* states, const void* others, size_t count);
  void (*finish)(const void* states, size_t count, void* out, int64_t out_stride);
  /// Whether an initial state is a result for no elements.
  bool has_identity = true;
  /// Whether elements must come in the order of their indices, along a single axis.
  bool ordered = false;
};

/// Each throws DtypeError for pairs that reduce.h doesn't list.
ReduceKernel sum_kernel(Dtype in, Dtype out);
ReduceKernel prod_kernel(Dtype in, Dtype out);
ReduceKernel max_kernel(Dtype dtype);
ReduceKernel min_kernel(Dtype dtype);
ReduceKernel all_kernel(Dtype in);
ReduceKernel any_kernel(Dtype in);

/// Bytes of a sum's or product's output dtype, checked against the input's.
size_t sum_or_product_width(const char* name, Dtype in, Dtype out);

}  // namespace mlx::core::cpu
