#pragma once

#include <stdexcept>
#include <vector>

#include "mlx/ops.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"

namespace mlx::core {

/// An array repeated to the shape of another: in a shapeless trace, to whichever it has later.
inline array broadcast_like(const array& a, const array& like, const Stream& stream) {
  if (detail::in_dynamic_tracing()) return broadcast_arrays({a, like}, stream)[0];
  return broadcast_to(a, like.shape(), stream);
}

/// Zeros in the shape of an array, as a view of a single one.
inline array zeros_view(const array& like, const Stream& stream) {
  return broadcast_like(array(0, like.dtype()), like, stream);
}

/// For what chooses instead of being computed with: indices, codes, masks. A gradient of zero would
/// hide that none can be learned.
[[noreturn]] inline void refuse_derivative(const char* op, const char* argument) {
  throw std::invalid_argument(concat_text("[", op, "] There is no derivative with respect to ",
                                          argument, "; use stopGradient on them."));
}

/// Whether derivatives pass a step from one dtype to another: not from numbers with a fraction to
/// those without, nor from other numbers to booleans.
inline bool has_slope(Dtype from, Dtype to) {
  return issubdtype(to, inexact) || from == to || (to != bool_ && !issubdtype(from, inexact));
}

/// The tangent of primals[index], zeros when it has none.
inline array tangent_of(size_t index, const std::vector<array>& primals,
                        const std::vector<array>& tangents, const std::vector<int>& argnums,
                        const Stream& stream) {
  for (size_t i = 0; i < argnums.size(); ++i)
    if (argnums[i] == int(index)) return tangents[i];
  return zeros_view(primals[index], stream);
}

}  // namespace mlx::core
