#pragma once

#include <cstddef>
#include <cstdint>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// Writes one element (itemsize bytes at value) to `count` contiguous places.
void fill(size_t itemsize, const void* value, size_t count, void* dst);

/// start + i * step for i < count: floats are computed in float64, integers wrap after start and
/// step are truncated (saturating, NaN gives 0). Throws DtypeError for bool.
void arange(Dtype dtype, double start, double step, size_t count, void* dst);

/// A row-contiguous [rows, columns] matrix with ones where column - row == diagonal.
void eye(Dtype dtype, int32_t rows, int32_t columns, int32_t diagonal, void* dst);

}  // namespace mlx::core::cpu
