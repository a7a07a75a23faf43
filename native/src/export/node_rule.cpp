#include "export/node_rule.h"

#include <stdexcept>

namespace mlx::core {
namespace {

bool has_inputs(const array& node, const Arrays& inputs) {
  if (node.inputs().size() != inputs.size()) return false;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (node.inputs()[i].id() != inputs[i].id()) return false;
  return true;
}

}  // namespace

void require(bool sound, const char* what) {
  if (!sound) throw std::invalid_argument(what);
}

TracedGraph::Value value_of(const array& a) { return {a.shape(), a.dtype()}; }

Values values_of(const Arrays& arrays) {
  Values values;
  for (auto& a : arrays) values.push_back(value_of(a));
  return values;
}

array stand_in(const Shape& shape, Dtype dtype) { return array(shape, dtype, nullptr, {}); }

Shape leading(const Shape& shape, size_t without) {
  require(shape.size() >= without, "too few dimensions");
  return Shape(shape.begin(), shape.end() - std::ptrdiff_t(without));
}

Shape joined(Shape shape, std::initializer_list<int> last) {
  shape.insert(shape.end(), last.begin(), last.end());
  return shape;
}

Values same_node(const Primitive& primitive, const Arrays& inputs, const Arrays& made,
                 Parameters parameters) {
  const array& first = made[0];
  bool is_input = made.size() == 1 && !inputs.empty() && first.id() == inputs[0].id();
  bool is_same = first.has_primitive() && typeid(first.primitive()) == typeid(primitive) &&
                 has_inputs(first, inputs) &&
                 (parameters == Parameters::free || first.primitive().is_equivalent(primitive));
  require(is_input || is_same, "a node that no operation makes");
  return values_of(made);
}

}  // namespace mlx::core
