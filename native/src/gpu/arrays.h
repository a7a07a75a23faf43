#pragma once

#include "gpu/encoder.h"

namespace mlx::core::gpu {

inline std::span<const int32_t> shape_of(const array& a) { return {a.shape().data(), a.ndim()}; }
inline std::span<const int64_t> strides_of(const array& a) {
  return {a.strides().data(), a.ndim()};
}
/// A place whose values are read and then written over.
inline Place update(Encoder& encoder, array& a) {
  encoder.read(a);
  return encoder.write(a);
}

/// Makes out a row-contiguous copy of a, which has as many elements, taking over a's buffer when
/// nobody else can see it.
void copy_or_donate(const array& a, array& out);

/// a itself when it is row-contiguous, or else a copy.
array row_contiguous(const array& a);

/// Writes a to all of out, which has its buffer, repeating it along the axes that it lacks or has
/// once. What one number is to be everywhere goes by value.
void fill_with(const array& a, array& out);

}  // namespace mlx::core::gpu
