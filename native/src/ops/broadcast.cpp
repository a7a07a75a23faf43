#include <algorithm>

#include "mlx/ops.h"
#include "mlx/transforms_impl.h"
#include "mlx/utils.h"
#include "primitives/shape.h"

namespace mlx::core {
namespace {

bool is_broadcastable(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) return false;
  size_t lead = to.size() - from.size();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != to[lead + i] && from[i] != 1) return false;
  return true;
}

array broadcast_node(std::vector<array> inputs, const Shape& shape, const Stream& stream) {
  Dtype dtype = inputs[0].dtype();
  return array(shape, dtype, std::make_shared<Broadcast>(stream, shape), std::move(inputs));
}

}  // namespace

array broadcast_to(const array& a, const Shape& shape, StreamOrDevice s) {
  if (a.shape() == shape) return a;
  if (!is_broadcastable(a.shape(), shape))
    throw ShapeError(concat_text("[broadcast_to] Cannot broadcast an array of shape ", a.shape(),
                                 " to shape ", shape, "."));
  return broadcast_node({a}, shape, to_stream(s));
}

std::vector<array> broadcast_arrays(const std::vector<array>& inputs, StreamOrDevice s) {
  Shape shape;
  for (auto& input : inputs) shape = broadcast_shapes(shape, input.shape());
  Stream stream = to_stream(s);
  std::vector<array> outputs;
  outputs.reserve(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].shape() == shape) {
      outputs.push_back(inputs[i]);
    } else if (!detail::in_dynamic_tracing()) {
      outputs.push_back(broadcast_node({inputs[i]}, shape, stream));
    } else {
      // The shape must be found again for other inputs, so the node knows all of them.
      std::vector<array> all = inputs;
      std::swap(all[0], all[i]);
      outputs.push_back(broadcast_node(std::move(all), shape, stream));
    }
  }
  return outputs;
}

std::vector<array> meshgrid(const std::vector<array>& arrays, bool sparse,
                            const std::string& indexing, StreamOrDevice s) {
  if (indexing != "xy" && indexing != "ij")
    throw std::invalid_argument("[meshgrid] Expected indexing \"xy\" or \"ij\" but received \"" +
                                indexing + "\".");
  size_t ndim = arrays.size();
  std::vector<array> outputs;
  for (size_t i = 0; i < ndim; ++i) {
    // In "xy" the first two arrays change places.
    size_t axis = indexing == "xy" && ndim > 1 && i < 2 ? 1 - i : i;
    Shape shape(ndim, 1);
    shape[axis] = -1;
    outputs.push_back(reshape(flatten(arrays[i], s), shape, s));
  }
  return sparse ? outputs : broadcast_arrays(outputs, s);
}

}  // namespace mlx::core
