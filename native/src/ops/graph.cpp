#include "primitives/graph.h"

#include "mlx/ops.h"

namespace mlx::core {

array stop_gradient(const array& a, StreamOrDevice s) {
  return array(a.shape(), a.dtype(), std::make_shared<StopGradient>(to_stream(s)), {a});
}

std::vector<array> depends(const std::vector<array>& inputs,
                           const std::vector<array>& dependencies) {
  if (inputs.empty()) return {};
  std::vector<array> all = inputs;
  all.insert(all.end(), dependencies.begin(), dependencies.end());
  Stream stream = inputs[0].has_primitive() ? inputs[0].primitive().stream() : to_stream({});
  std::vector<Shape> shapes;
  std::vector<Dtype> dtypes;
  for (auto& input : inputs) {
    shapes.push_back(input.shape());
    dtypes.push_back(input.dtype());
  }
  return array::make_arrays(std::move(shapes), dtypes,
                            std::make_shared<Depends>(stream, inputs.size()), all);
}

}  // namespace mlx::core
