#include "primitives/rope.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"

namespace mlx::core {
namespace {

Values rope_outputs(const RoPE& node, const Arrays& in) {
  auto [dims, traditional, base, scale, has_frequencies, inverse] = node.parameters();
  const array& x = in[0];
  Shape rows = leading(x.shape(), 2);
  require(issubdtype(x.dtype(), floating), "the dtype of rope");
  require(dims >= 0 && dims % 2 == 0 && dims <= x.shape(-1), "the features of rope");
  require(in[1].shape() == rows && in[1].dtype() == int32, "the offset of rope");
  require(in.size() == (has_frequencies ? 3u : 2u), "the inputs of rope");
  if (has_frequencies)
    require(in[2].shape() == Shape{dims / 2} && in[2].dtype() == float32,
            "the frequencies of rope");
  return {value_of(x)};
}

}  // namespace

std::vector<NodeKind> rope_kinds() {
  return {
      kind<RoPE>("RoPE", {2, 3}, rope_outputs),
  };
}

}  // namespace mlx::core
