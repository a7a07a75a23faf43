#pragma once

#include "gpu/commands.h"

namespace mlx::core::gpu {

// Along an axis, into row-contiguous memory, in the order of cpu/sort: NaN last, complex numbers by
// real part and then imaginary part.

/// Ascending and stable; NaN come out as the quiet NaN.
void sort(Commands& commands, const StridedPlace& in, int axis, Place out);
/// The positions that sort, in uint32; stable.
void argsort(Commands& commands, const StridedPlace& in, int axis, Place out);

/// The elements below the one that sorting puts at kth, then those equal to it, then those above
/// it; each of the three keeps its order, and elements keep their bits.
void partition(Commands& commands, const StridedPlace& in, int axis, int64_t kth, Place out);
/// The positions that partition, in uint32.
void argpartition(Commands& commands, const StridedPlace& in, int axis, int64_t kth, Place out);

/// For each of `count` values of a sequence the number of its elements that are below it, or
/// (right) not above it, in uint32. Sequences lie along the last axis, values in rows.
void search_sorted(Commands& commands, const StridedPlace& sequences, Place values, int64_t count,
                   bool right, Place out);

}  // namespace mlx::core::gpu
