#pragma once

#include "mlx/array.h"
#include "mlx/transforms_impl.h"

namespace mlx::core::detail {

/// Remembers a node that was evaluated inside a trace with its graph kept; the end of the
/// outermost trace lets the graph go.
void keep_until_trace_ends(const array& a);

}  // namespace mlx::core::detail
