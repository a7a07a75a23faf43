#include "primitives/random.h"

#include "export/kinds/families.h"
#include "export/node_rule.h"

namespace mlx::core {
namespace {

Values random_bits_outputs(const RandomBits& node, const Arrays& in) {
  auto [shape, width] = node.parameters();
  const array& key = in[0];
  require(width == 1 || width == 2 || width == 4, "the width of random numbers");
  require(key.dtype() == uint32 && key.ndim() > 0 && key.shape(-1) == 2, "a random key");
  Shape result = leading(key.shape(), 1);
  result.insert(result.end(), shape.begin(), shape.end());
  return {{result, random_bits_dtype(width)}};
}

Values categorical_search_outputs(const CategoricalSearch&, const Arrays& in) {
  const array &weights = in[0], &draws = in[1];
  require(weights.dtype() == float32 && draws.dtype() == float32, "the dtype of categories");
  require(leading(weights.shape(), 1) == leading(draws.shape(), 1), "the shapes of categories");
  require(weights.shape(-1) > 0 || draws.size() == 0, "no category");
  return {{draws.shape(), uint32}};
}

}  // namespace

std::vector<NodeKind> random_kinds() {
  return {
      kind<CategoricalSearch>("CategoricalSearch", 2, categorical_search_outputs),
      kind<RandomBits>("RandomBits", 1, random_bits_outputs),
  };
}

}  // namespace mlx::core
