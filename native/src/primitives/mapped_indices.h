#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream.h"

namespace mlx::core {

// What the vmap rules of gathers and scatters share.

bool any_mapped(const std::vector<int>& axes);

/// The indices with the mapped axis first; one that lacks it is repeated.
std::vector<array> mapped_indices(const std::vector<array>& indices, const std::vector<int>& axes,
                                  int size, const Stream& stream);

/// The number of each slice of the mapped axis, as an index that goes with the mapped ones.
array slice_numbers(int size, size_t ndim, const Stream& stream);

}  // namespace mlx::core
