#pragma once

#include "cpu/strided_view.h"
#include "mlx/array.h"

namespace mlx::core::cpu {

/// An available array as kernels see it.
inline StridedInput input_view(const array& a) {
  return {a.data<void>(),
          a.dtype(),
          {a.shape().data(), a.ndim()},
          {a.strides().data(), a.strides().size()}};
}

/// The same for one that a kernel fills.
inline StridedOutput output_view(array& a) {
  return {a.data<void>(),
          a.dtype(),
          {a.shape().data(), a.ndim()},
          {a.strides().data(), a.strides().size()}};
}

/// Gives the array a row-contiguous buffer of its own.
void allocate(array& a);

/// Makes out a row-contiguous copy of a, which has as many elements, taking over a's buffer when
/// nobody else can see it.
void copy_or_donate(const array& a, array& out);

/// a itself when it is row-contiguous, or else a copy.
array row_contiguous(const array& a);

}  // namespace mlx::core::cpu
