#pragma once

#include <cstddef>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// Steps over a piece of a row. T is the element type, Wide the type computed in: float64 for
/// float64, float32 for the others.
template <typename T, typename Wide>
struct RowKernels {
  /// The largest element, or NaN if there is one; -inf for none.
  Wide (*maximum)(const T* in, size_t count);
  /// The sum of exp(x - shift), which also go to `terms` unless that is null.
  double (*exp_sum)(const T* in, size_t count, Wide shift, Wide* terms);
  /// out = terms * factor; the two may be the same memory.
  void (*scale)(const Wide* terms, size_t count, Wide factor, T* out);
};

template <typename T>
struct WideType {
  using type = float;
};
template <>
struct WideType<double> {
  using type = double;
};

/// The kernels for this machine: T is float16_t, bfloat16_t, float or double.
template <typename T>
RowKernels<T, typename WideType<T>::type> row_kernels();

}  // namespace mlx::core::cpu
