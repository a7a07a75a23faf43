#pragma once

#include <cstddef>

#include "mlx/dtype.h"

namespace mlx::core::cpu {

/// exp(x - max) / sum over each of `rows` contiguous rows; in and out may be the same memory.
/// Half types are computed in float32 and rounded once, so MLX's `precise` changes nothing here.
void softmax(Dtype dtype, const void* in, size_t rows, size_t columns, void* out);

/// log(sum(exp(x))) of each contiguous row without overflow; rows of -inf, and empty ones, give
/// -inf, and a row that holds +inf gives +inf.
void logsumexp(Dtype dtype, const void* in, size_t rows, size_t columns, void* out);

/// The largest element of each contiguous row, and log(sum(exp(x - it))), which is NaN where the
/// largest is infinite. Half types give float32.
void logsumexp_parts(Dtype dtype, const void* in, size_t rows, size_t columns, void* largest,
                     void* log_sum);

}  // namespace mlx::core::cpu
