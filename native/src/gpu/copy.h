#pragma once

#include <span>

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// Casts or, with one dtype, copies between any strides. Flat copies are the device's own;
/// transposed ones go by tiles.
void copy(Commands& commands, const StridedPlace& from, Dtype::Val to_dtype, Place to,
          std::span<const int64_t> to_strides);

/// Writes one element, by value, to all places of a shape.
void fill(Commands& commands, Dtype::Val dtype, const void* value, Place to,
          std::span<const int32_t> shape, std::span<const int64_t> strides);

/// start + i * step for i < count, row-contiguous, as cpu/copy has it: floats are rounded once,
/// integers wrap after start and step are truncated.
void arange(Commands& commands, Dtype::Val dtype, double start, double step, int64_t count,
            Place to);

/// A row-contiguous [rows, columns] matrix with ones where column - row == diagonal.
void eye(Commands& commands, Dtype::Val dtype, int64_t rows, int64_t columns, int64_t diagonal,
         Place to);

}  // namespace mlx::core::gpu
