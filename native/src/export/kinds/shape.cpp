#include "primitives/shape.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"
#include "mlx/ops.h"
#include "mlx/utils.h"

namespace mlx::core {
namespace {

Values broadcast_outputs(const Broadcast& node, const Arrays& in) {
  if (in.size() == 1)
    return {{broadcast_to(in[0], std::get<0>(node.parameters())).shape(), in[0].dtype()}};
  Shape shape;
  for (auto& a : in) shape = broadcast_shapes(shape, a.shape());
  return {{shape, in[0].dtype()}};
}

Values as_strided_outputs(const AsStrided& node, const Arrays& in) {
  auto [shape, strides, offset] = node.parameters();
  require(in[0].ndim() == 1, "strides over something other than a vector");
  return {value_of(as_strided(in[0], shape, strides, offset))};
}

}  // namespace

std::vector<NodeKind> shape_kinds() {
  return {
      kind<AsStrided>("AsStrided", 1, as_strided_outputs),
      kind<Broadcast>("Broadcast", {1, any_number}, broadcast_outputs),
      kind<ExpandDims>("ExpandDims", 1, made_by([](const Arrays& in, const Axes& axes) {
                         return expand_dims(in[0], axes);
                       })),
      kind<Flatten>("Flatten", 1, made_by([](const Arrays& in, int from, int to) {
                      return flatten(in[0], from, to);
                    })),
      kind<Full>("Full", 1, broadcast_outputs),
      kind<Reshape>("Reshape", 1, made_by([](const Arrays& in, const Shape& shape) {
                      return reshape(in[0], shape);
                    })),
      kind<Squeeze>("Squeeze", 1, made_by([](const Arrays& in, const Axes& axes) {
                      return squeeze(in[0], axes);
                    })),
      kind<Transpose>("Transpose", 1, made_by([](const Arrays& in, const Axes& axes) {
                        return transpose(in[0], axes);
                      })),
      kind<Unflatten>("Unflatten", 1, made_by([](const Arrays& in, int axis, const Shape& shape) {
                        return unflatten(in[0], axis, shape);
                      })),
      kind<View>("View", 1,
                 made_by([](const Arrays& in, Dtype dtype) { return view(in[0], dtype); })),
  };
}

}  // namespace mlx::core
