#pragma once

#include "mlx/array.h"

namespace mlx::core {

/// Where an element lies, counted in elements from the first one: by its number in row-major order,
/// in an array of that shape and those strides.
inline int64_t elem_to_loc(int64_t element, const Shape& shape, const Strides& strides) {
  int64_t location = 0;
  for (size_t i = shape.size(); i-- > 0;) {
    location += element % shape[i] * strides[i];
    element /= shape[i];
  }
  return location;
}
inline int64_t elem_to_loc(int64_t element, const array& a) {
  return a.flags().row_contiguous ? element : elem_to_loc(element, a.shape(), a.strides());
}

}  // namespace mlx::core
