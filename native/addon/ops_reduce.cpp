#include "binder.h"
#include "mlx/ops.h"
#include "mlx/ops/softmax_parts.h"

namespace mlx::addon {

using namespace core;

using Axes = std::optional<std::vector<int>>;

// Overload sets can't be template arguments, so these bind a reduction by its name.
#define MLX_REDUCTION(name)                                                       \
  bind(#name, [](const array& a, Axes axes, bool keepdims, StreamOrDevice s) {    \
    return axes ? core::name(a, *axes, keepdims, s) : core::name(a, keepdims, s); \
  })
#define MLX_MOMENT(name)                                                                      \
  bind(#name, [](const array& a, Axes axes, bool keepdims, int ddof, StreamOrDevice s) {      \
    return axes ? core::name(a, *axes, keepdims, ddof, s) : core::name(a, keepdims, ddof, s); \
  })
#define MLX_ARG_REDUCTION(name)                                                              \
  bind(#name, [](const array& a, std::optional<int> axis, bool keepdims, StreamOrDevice s) { \
    return axis ? core::name(a, *axis, keepdims, s) : core::name(a, keepdims, s);            \
  })
#define MLX_SCAN(name)                                                                  \
  bind(#name, [](const array& a, std::optional<int> axis, bool reverse, bool inclusive, \
                 StreamOrDevice s) {                                                    \
    return axis ? core::name(a, *axis, reverse, inclusive, s)                           \
                : core::name(a, reverse, inclusive, s);                                 \
  })

FunctionTable reduce_functions() {
  return {
      MLX_REDUCTION(all),
      MLX_REDUCTION(any),
      MLX_REDUCTION(sum),
      MLX_REDUCTION(prod),
      MLX_REDUCTION(max),
      MLX_REDUCTION(min),
      MLX_REDUCTION(mean),
      MLX_REDUCTION(median),
      bind("countNonzero",
           [](const array& a, Axes axes, bool keepdims, StreamOrDevice s) {
             return axes ? count_nonzero(a, *axes, keepdims, s) : count_nonzero(a, keepdims, s);
           }),
      MLX_REDUCTION(logsumexp),
      bind("logsumexpParts",
           [](const array& a, int axis, StreamOrDevice s) { return logsumexp_parts(a, axis, s); }),
      MLX_MOMENT(var),
      MLX_MOMENT(std),
      MLX_ARG_REDUCTION(argmax),
      MLX_ARG_REDUCTION(argmin),
      MLX_SCAN(cumsum),
      MLX_SCAN(cumprod),
      MLX_SCAN(cummax),
      MLX_SCAN(cummin),
      MLX_SCAN(logcumsumexp),
      bind("diff",
           [](const array& a, int n, int axis, StreamOrDevice s) { return diff(a, n, axis, s); }),
      bind("softmax",
           [](const array& a, Axes axes, bool precise, StreamOrDevice s) {
             return axes ? softmax(a, *axes, precise, s) : softmax(a, precise, s);
           }),
  };
}

}  // namespace mlx::addon
