#include "binder.h"
#include "mlx/ops.h"

namespace mlx::addon {

using namespace core;

using Axis = std::optional<int>;

FunctionTable sort_functions() {
  return {
      bind("sort", [](const array& a, Axis axis,
                      StreamOrDevice s) { return axis ? sort(a, *axis, s) : sort(a, s); }),
      bind("argsort", [](const array& a, Axis axis,
                         StreamOrDevice s) { return axis ? argsort(a, *axis, s) : argsort(a, s); }),
      bind("partition",
           [](const array& a, int kth, Axis axis, StreamOrDevice s) {
             return axis ? partition(a, kth, *axis, s) : partition(a, kth, s);
           }),
      bind("argpartition",
           [](const array& a, int kth, Axis axis, StreamOrDevice s) {
             return axis ? argpartition(a, kth, *axis, s) : argpartition(a, kth, s);
           }),
      bind("topk", [](const array& a, int k, Axis axis,
                      StreamOrDevice s) { return axis ? topk(a, k, *axis, s) : topk(a, k, s); }),
      bind("searchsorted",
           [](const array& sequence, const array& values, const std::string& side,
              StreamOrDevice s) { return searchsorted(sequence, values, side, s); }),
  };
}

}  // namespace mlx::addon
