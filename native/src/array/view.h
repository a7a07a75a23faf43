#pragma once

#include <optional>

#include "mlx/array.h"

namespace mlx::core {

/// Makes out a view of in's buffer with these strides, beginning `offset` elements after in's
/// first. Empty arrays get a buffer of their own.
void make_view(const array& in, const Strides& strides, int64_t offset, array& out);

/// Where an element is, relative to the first one, counted in elements.
int64_t offset_of(const Shape& index, const Strides& strides);

/// The strides of a slice that takes every so many elements.
Strides stepped(const Strides& strides, const Shape& steps);

/// Strides that repeat an array along the axes it lacks or has once.
Strides broadcast_strides(const array& in, const Shape& shape);

/// Strides under which the same memory holds the elements, in row-major order, as another shape of
/// the same size; nothing when a copy is needed. The size must not be 0.
std::optional<Strides> reshape_strides(const Shape& shape, const Strides& strides,
                                       const Shape& new_shape);

}  // namespace mlx::core
