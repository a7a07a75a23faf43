#pragma once

#include "gpu/commands.h"

namespace mlx::core::gpu {

/// exp(x - max) / sum over each of `rows` contiguous rows, of a float type; in and out may be the
/// same memory. Computed in float32 and rounded once.
void softmax(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
             Place out);

/// log(sum(exp(x))) of each contiguous row without overflow; rows of -inf, and empty ones, give
/// -inf, and a row that holds +inf gives +inf.
void logsumexp(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
               Place out);

/// The largest element of each contiguous row, and log(sum(exp(x - it))), NaN where the largest is
/// infinite; both in float32.
void logsumexp_parts(Commands& commands, Dtype::Val dtype, Place in, int64_t rows, int64_t columns,
                     Place largest, Place log_sum);

}  // namespace mlx::core::gpu
