#pragma once

#include <cstdint>
#include <span>

#include "cpu/reduce/kernel.h"
#include "cpu/strided_view.h"

namespace mlx::core::cpu {

/// Runs a kernel over the reduced axes and writes elements of out_itemsize bytes, row-contiguous
/// over the others. Throws std::invalid_argument, naming the kernel, when it has no value for the
/// elements of an empty axis.
void run_reduction(const ReduceKernel& kernel, const StridedInput& in, std::span<const int> axes,
                   void* out, size_t out_itemsize);

}  // namespace mlx::core::cpu
