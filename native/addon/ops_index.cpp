#include "binder.h"
#include "mlx/ops.h"

namespace mlx::addon {

using namespace core;

FunctionTable index_functions() {
  return {
      bind("take",
           [](const array& a, const array& indices, std::optional<int> axis, StreamOrDevice s) {
             return axis ? take(a, indices, *axis, s) : take(a, indices, s);
           }),
      bind("takeAlongAxis", [](const array& a, const array& indices, int axis,
                               StreamOrDevice s) { return take_along_axis(a, indices, axis, s); }),
      bind("putAlongAxis",
           [](const array& a, const array& indices, const array& values, int axis,
              StreamOrDevice s) { return put_along_axis(a, indices, values, axis, s); }),
      bind("gather",
           [](const array& a, std::vector<array> indices, std::vector<int> axes, Shape sizes,
              StreamOrDevice s) { return gather(a, indices, axes, sizes, s); }),
      bind("scatter", [](const array& a, std::vector<array> indices, const array& updates,
                         std::vector<int> axes,
                         StreamOrDevice s) { return scatter(a, indices, updates, axes, s); }),
      bind("scatterAdd",
           [](const array& a, std::vector<array> indices, const array& updates,
              std::vector<int> axes,
              StreamOrDevice s) { return scatter_add(a, indices, updates, axes, s); }),
      bind("scatterMultiply",
           [](const array& a, std::vector<array> indices, const array& updates,
              std::vector<int> axes,
              StreamOrDevice s) { return scatter_prod(a, indices, updates, axes, s); }),
      bind("scatterMaximum",
           [](const array& a, std::vector<array> indices, const array& updates,
              std::vector<int> axes,
              StreamOrDevice s) { return scatter_max(a, indices, updates, axes, s); }),
      bind("scatterMinimum",
           [](const array& a, std::vector<array> indices, const array& updates,
              std::vector<int> axes,
              StreamOrDevice s) { return scatter_min(a, indices, updates, axes, s); }),
  };
}

}  // namespace mlx::addon
