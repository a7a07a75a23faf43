#pragma once

#include <vector>

#include "mlx/array.h"
#include "mlx/stream_or_device.h"

namespace mlx::core {

// Over one axis, several (an empty list: none), or all of them; keepdims leaves them with size
// one. An axis out of bounds throws std::out_of_range, one given twice std::invalid_argument.

/// Whether all (any) elements are true: bool_.
MLX_API array all(const array& a, const std::vector<int>& axes, bool keepdims = false,
                  StreamOrDevice s = {});
MLX_API array all(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array all(const array& a, bool keepdims, StreamOrDevice s = {});
inline array all(const array& a, StreamOrDevice s = {}) { return all(a, false, s); }

MLX_API array any(const array& a, const std::vector<int>& axes, bool keepdims = false,
                  StreamOrDevice s = {});
MLX_API array any(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array any(const array& a, bool keepdims, StreamOrDevice s = {});
inline array any(const array& a, StreamOrDevice s = {}) { return any(a, false, s); }

/// In the array's dtype, but bool and signed integers below 32 bits in int32 and unsigned ones in
/// uint32; integers wrap.
MLX_API array sum(const array& a, const std::vector<int>& axes, bool keepdims = false,
                  StreamOrDevice s = {});
MLX_API array sum(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array sum(const array& a, bool keepdims, StreamOrDevice s = {});
inline array sum(const array& a, StreamOrDevice s = {}) { return sum(a, false, s); }

MLX_API array prod(const array& a, const std::vector<int>& axes, bool keepdims = false,
                   StreamOrDevice s = {});
MLX_API array prod(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array prod(const array& a, bool keepdims, StreamOrDevice s = {});
inline array prod(const array& a, StreamOrDevice s = {}) { return prod(a, false, s); }

/// NaN when there is one. Throws std::invalid_argument over an empty axis.
MLX_API array max(const array& a, const std::vector<int>& axes, bool keepdims = false,
                  StreamOrDevice s = {});
MLX_API array max(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array max(const array& a, bool keepdims, StreamOrDevice s = {});
inline array max(const array& a, StreamOrDevice s = {}) { return max(a, false, s); }

MLX_API array min(const array& a, const std::vector<int>& axes, bool keepdims = false,
                  StreamOrDevice s = {});
MLX_API array min(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array min(const array& a, bool keepdims, StreamOrDevice s = {});
inline array min(const array& a, StreamOrDevice s = {}) { return min(a, false, s); }

/// Of integers and booleans in float32.
MLX_API array mean(const array& a, const std::vector<int>& axes, bool keepdims = false,
                   StreamOrDevice s = {});
MLX_API array mean(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array mean(const array& a, bool keepdims, StreamOrDevice s = {});
inline array mean(const array& a, StreamOrDevice s = {}) { return mean(a, false, s); }

/// The middle one of the ordered elements, or the mean of the middle two; NaN when there is one. Of
/// integers and booleans in float32. Throws std::invalid_argument over an empty axis.
MLX_API array median(const array& a, const std::vector<int>& axes, bool keepdims = false,
                     StreamOrDevice s = {});
MLX_API array median(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array median(const array& a, bool keepdims, StreamOrDevice s = {});
inline array median(const array& a, StreamOrDevice s = {}) { return median(a, false, s); }

/// How many elements are not zero (NaN isn't): int32.
MLX_API array count_nonzero(const array& a, const std::vector<int>& axes, bool keepdims = false,
                            StreamOrDevice s = {});
MLX_API array count_nonzero(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array count_nonzero(const array& a, bool keepdims, StreamOrDevice s = {});
inline array count_nonzero(const array& a, StreamOrDevice s = {}) {
  return count_nonzero(a, false, s);
}

/// The mean squared distance from the mean, dividing by the count less ddof.
MLX_API array var(const array& a, const std::vector<int>& axes, bool keepdims = false, int ddof = 0,
                  StreamOrDevice s = {});
MLX_API array var(const array& a, int axis, bool keepdims = false, int ddof = 0,
                  StreamOrDevice s = {});
MLX_API array var(const array& a, bool keepdims, int ddof = 0, StreamOrDevice s = {});
inline array var(const array& a, StreamOrDevice s = {}) { return var(a, false, 0, s); }

/// Its square root.
MLX_API array std(const array& a, const std::vector<int>& axes, bool keepdims = false, int ddof = 0,
                  StreamOrDevice s = {});
MLX_API array std(const array& a, int axis, bool keepdims = false, int ddof = 0,
                  StreamOrDevice s = {});
MLX_API array std(const array& a, bool keepdims, int ddof = 0, StreamOrDevice s = {});
inline array std(const array& a, StreamOrDevice s = {}) { return std(a, false, 0, s); }

/// The index in uint32 of the first extreme element, or of the first NaN; without an axis, in the
/// flattened array.
MLX_API array argmax(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array argmax(const array& a, bool keepdims, StreamOrDevice s = {});
inline array argmax(const array& a, StreamOrDevice s = {}) { return argmax(a, false, s); }

MLX_API array argmin(const array& a, int axis, bool keepdims = false, StreamOrDevice s = {});
MLX_API array argmin(const array& a, bool keepdims, StreamOrDevice s = {});
inline array argmin(const array& a, StreamOrDevice s = {}) { return argmin(a, false, s); }

}  // namespace mlx::core
