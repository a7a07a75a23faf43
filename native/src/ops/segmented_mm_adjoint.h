#pragma once

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

/// The adjoint of segmented_mm for its first operand: from (segments, m, n) and (k, n) to (m, k).
array segmented_mm_adjoint(const array& c, const array& b, const array& segments,
                           StreamOrDevice s = {});

}  // namespace mlx::core
